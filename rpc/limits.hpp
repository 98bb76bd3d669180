// SPDX-License-Identifier: Apache-2.0
//
// What the server lets a stranger use. Every number is a default that the configuration may change;
// every read and every write of the server runs under one of the deadlines.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bourse::rpc {

struct ServerLimits {
  using Milliseconds = std::chrono::milliseconds;

  std::size_t connections = 256;
  /// Addresses other than loopback only: everyone behind a reverse proxy is loopback.
  std::size_t connections_per_ip = 16;

  std::uint32_t header_bytes = 8 * 1024;
  std::uint64_t body_bytes = 1 << 20;
  /// Of POST /tx.
  std::uint64_t tx_body_bytes = 8 << 20;
  /// Bodies above this many bytes share `long_bodies_bytes` among all connections.
  std::uint64_t short_body_bytes = 128 * 1024;
  std::uint64_t long_bodies_bytes = 256 << 20;
  /// From the first byte of a request, or from the connection for the first request on it.
  Milliseconds header_deadline{5'000};
  /// From the first byte of a request to the last one of its body, however it trickles in.
  Milliseconds request_deadline{15'000};
  /// Between two requests of one connection.
  Milliseconds idle_deadline{30'000};
  Milliseconds write_deadline{15'000};

  /// Transactions that wait for the check of their signature or are in it.
  std::size_t submissions = 16'384;
  /// Bodies with calls that are neither submissions nor quick reads, waiting or running.
  std::size_t calls = 128;

  std::size_t ws_clients = 64;
  std::size_t ws_message_bytes = 64 * 1024;
  std::size_t ws_subscriptions = 8;
  std::size_t ws_queue_messages = 256;
  std::size_t ws_queue_bytes = 1 << 20;
  /// A peer that has been silent for twice as long is gone.
  Milliseconds ws_ping{30'000};

  /// A blob may take this long plus its size at the slowest rate, in either direction.
  Milliseconds blob_grace{10'000};
  std::uint64_t blob_bytes_per_second = 32 * 1024;
};

}  // namespace bourse::rpc
