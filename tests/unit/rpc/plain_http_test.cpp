// SPDX-License-Identifier: Apache-2.0
//
// Goal: only heads whose every line is understood are recognised; the rest is Beast's.
// Method: the heads of usual clients, then each way of being unusual. What requests that smuggle
// get is in server_test.
#include "rpc/plain_http.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bourse::rpc {
namespace {

const std::string kHead =
    "POST /tx HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cbor\r\n"
    "Content-Length: 12\r\n";

TEST(PlainHttp, UsualHeads) {
  for (const char* more :
       {"", "User-Agent: curl/7.88.1\r\nAccept: */*\r\n", "connection: Keep-Alive\r\n",
        "Accept-Encoding: gzip, deflate\r\nAccept-Language: *\r\n"}) {
    const std::string text = kHead + more + "\r\nthe body";
    const auto head = read_plain_head(text);
    ASSERT_TRUE(head) << more;
    EXPECT_EQ(head->path, "/tx");
    EXPECT_EQ(head->host, "localhost");
    EXPECT_EQ(head->content_type, "application/cbor");
    EXPECT_EQ(head->content_length, 12u);
    EXPECT_EQ(text.substr(head->bytes), "the body");
  }
}

TEST(PlainHttp, UnusualHeads) {
  for (const char* more :
       {"Transfer-Encoding: chunked\r\n", "Expect: 100-continue\r\n", "Origin: null\r\n",
        "Connection: close\r\n", "Connection: Upgrade\r\n", "Upgrade: websocket\r\n", "X: y\r\n",
        "Host: localhost\r\n", "Content-Length: 12\r\n", "Content-Type: text/plain\r\n",
        "Accept:*/*\r\n", "Accept : */*\r\n", " Accept: */*\r\n", "Accept: a\tb\r\n",
        "Accept: a\nTransfer-Encoding: chunked\r\n", "Accept: a\rb\r\n", "Accept: \x80\r\n",
        "Accept\r\n", ": x\r\n"}) {
    EXPECT_FALSE(read_plain_head(kHead + more + "\r\n")) << more;
  }
  const auto replaced = [](const std::string& what, const std::string& with) {
    std::string text = kHead + "\r\n";
    return text.replace(text.find(what), what.size(), with);
  };
  EXPECT_TRUE(read_plain_head(replaced("12", "0")));
  for (const char* length : {"", "-1", "+1", "0x1", "1,1", "1 ", " 1", "99999999999999999999"}) {
    EXPECT_FALSE(read_plain_head(replaced("12", length))) << length;
  }
  for (const char* first :
       {"GET /tx HTTP/1.1", "post /tx HTTP/1.1", "POST /tx HTTP/1.0", "POST HTTP/1.1",
        "POST /t x HTTP/1.1", "POST  /tx HTTP/1.1", "POST /tx", ""}) {
    const auto head = read_plain_head(replaced("POST /tx HTTP/1.1", first));
    EXPECT_TRUE(!head || head->path != "/tx") << first;
  }
  EXPECT_FALSE(read_plain_head(replaced("Host: localhost\r\n", "")));
  EXPECT_FALSE(read_plain_head(replaced("Content-Length: 12\r\n", "")));
  const std::string whole = kHead + "\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_plain_head(whole.substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace bourse::rpc
