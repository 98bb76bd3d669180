// SPDX-License-Identifier: Apache-2.0
//
// Goal: no web page gets past the Host and Origin rules by spelling.
// Method: tables of spellings that must pass and of look-alikes that must not.
#include "rpc/http_policy.hpp"

#include <gtest/gtest.h>

namespace bourse::rpc {
namespace {

const std::vector<std::string> kNames = {"localhost", "127.0.0.1", "[::1]", "node.example"};

TEST(HttpPolicy, HostsThatAreOurs) {
  for (const char* host :
       {"localhost", "LocalHost", "localhost:8580", "127.0.0.1", "127.0.0.1:1", "127.0.0.1:65535",
        "[::1]", "[::1]:8580", "node.example", "NODE.example:443"}) {
    EXPECT_TRUE(host_allowed(host, kNames)) << host;
  }
}

TEST(HttpPolicy, HostsThatAreNot) {
  for (const char* host : {"",
                           ":",
                           ":8580",
                           "localhost:",
                           "localhost:x",
                           "localhost:123456",
                           "localhost:80:80",
                           "localhost.",
                           "localhost.evil.example",
                           "evil.example",
                           "127.0.0.1.evil.example",
                           "127.0.0.2",
                           "127.1",
                           "0.0.0.0",
                           "[::1",
                           "::1",
                           "[::1]x",
                           "[::1]:",
                           "[::2]",
                           "[::1]evil:80",
                           "localhost@evil.example",
                           "evil.example#localhost",
                           " localhost",
                           "localhost ",
                           "localhost,evil.example",
                           "http://localhost",
                           "node.example.",
                           "xnode.example"}) {
    EXPECT_FALSE(host_allowed(host, kNames)) << host;
  }
}

TEST(HttpPolicy, Origins) {
  const std::vector<std::string> allowed = {"https://explorer.example"};
  const std::string host = "127.0.0.1:8580";
  EXPECT_TRUE(origin_allowed("http://127.0.0.1:8580", host, false, allowed));
  EXPECT_TRUE(origin_allowed("https://127.0.0.1:8580", host, true, allowed));
  EXPECT_TRUE(origin_allowed("https://explorer.example", host, false, allowed));
  for (const char* origin :
       {"", "null", "http://127.0.0.1", "http://127.0.0.1:8581", "https://127.0.0.1:8580",
        "http://localhost:8580", "http://127.0.0.1:8580/", "http://evil.example",
        "http://127.0.0.1:8580.evil.example", "https://explorer.example:443",
        "http://explorer.example", "https://explorer.example.evil.example"}) {
    EXPECT_FALSE(origin_allowed(origin, host, false, allowed)) << origin;
  }
}

TEST(HttpPolicy, ContentType) {
  EXPECT_TRUE(content_type_is("application/json", "application/json"));
  EXPECT_TRUE(content_type_is("Application/JSON; charset=utf-8", "application/json"));
  EXPECT_TRUE(content_type_is("application/json ;x", "application/json"));
  EXPECT_FALSE(content_type_is("", "application/json"));
  EXPECT_FALSE(content_type_is("text/plain", "application/json"));
  EXPECT_FALSE(content_type_is("application/jsonx", "application/json"));
  EXPECT_FALSE(content_type_is("text/plain; application/json", "application/json"));
}

}  // namespace
}  // namespace bourse::rpc
