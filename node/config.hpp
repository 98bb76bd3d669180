// SPDX-License-Identifier: Apache-2.0
//
// The node's configuration: config.toml in its home. An unknown key is an error that names the
// nearest known one, because a misspelled limit that is silently ignored protects nobody.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/fields.hpp"
#include "base/json.hpp"
#include "base/result.hpp"

namespace bourse::node {

struct RpcConfig {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 8580;
  std::string tls_certificate;
  std::string tls_key;
  std::vector<std::string> host_names;
  std::vector<std::string> allowed_origins;

  static constexpr auto fields() {
    return std::tuple{
        field("bind", &RpcConfig::bind, "Address to listen on; any but loopback needs TLS."),
        field("port", &RpcConfig::port, "Port; 0 picks a free one."),
        field("tls_certificate", &RpcConfig::tls_certificate, "PEM file; empty for no TLS."),
        field("tls_key", &RpcConfig::tls_key, "PEM file of the certificate's key."),
        field("host_names", &RpcConfig::host_names, "Further names that clients may call it by."),
        field("allowed_origins", &RpcConfig::allowed_origins, "Web pages that may call it.")};
  }
};

struct EngineConfig {
  std::uint32_t proof_block_ms = 1000;
  std::uint32_t checkpoint_blocks = 1000;
  std::uint64_t keep_blocks = 0;

  static constexpr auto fields() {
    return std::tuple{field("proof_block_ms", &EngineConfig::proof_block_ms,
                            "How long a changed state may go without a header that proves it."),
                      field("checkpoint_blocks", &EngineConfig::checkpoint_blocks,
                            "Blocks between two checkpoints; a start replays at most so many."),
                      field("keep_blocks", &EngineConfig::keep_blocks,
                            "How many of the newest blocks are kept; 0 keeps all.")};
  }
};

struct BlobConfig {
  std::uint32_t total_mib = 16 * 1024;
  std::uint32_t mib_per_brs = 64;
  std::uint32_t retention_hours = 7 * 24;

  static constexpr auto fields() {
    return std::tuple{
        field("total_mib", &BlobConfig::total_mib, "Most job data kept in all, in MiB."),
        field("mib_per_brs", &BlobConfig::mib_per_brs,
              "What an account may keep per BRS it holds."),
        field("retention_hours", &BlobConfig::retention_hours, "How long an upload is kept.")};
  }
};

struct Config {
  RpcConfig rpc;
  EngineConfig engine;
  BlobConfig blobs;

  static constexpr auto fields() {
    return std::tuple{field("rpc", &Config::rpc, "The RPC server."),
                      field("engine", &Config::engine, "Making blocks."),
                      field("blobs", &Config::blobs, "Job data.")};
  }
};

/// Reads TOML text over the defaults. Error kind: config_invalid.
Result<Config> parse_config(std::string_view toml);

/// The configuration as commented TOML, every key with its sentence and its value.
std::string config_text(const Config& config);

}  // namespace bourse::node
