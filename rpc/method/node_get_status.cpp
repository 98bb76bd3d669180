// SPDX-License-Identifier: Apache-2.0
#include "base/version.hpp"
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Reply {
  std::string version = kVersion;
  std::string engine = "solo";
  Network network{};
  std::string name;
  Hash chain_id;
  Height height;
  Hash hash;
  TimeMs time;
  std::uint64_t waiting = 0;
  bool running = false;
  TimeMs now;
  bool dev = false;
  std::uint64_t blob_bytes_used = 0;

  static constexpr auto fields() {
    return std::tuple{
        field("version", &Reply::version, "Version of the node."),
        field("engine", &Reply::engine, "What orders transactions."),
        field("network", &Reply::network, "main, test or dev."),
        field("name", &Reply::name, "Name of the chain in its genesis."),
        field("chain_id", &Reply::chain_id, "Id of the chain."),
        field("height", &Reply::height, "Height of the newest block."),
        field("hash", &Reply::hash, "Its hash."),
        field("time", &Reply::time, "Its time, in ms."),
        field("waiting", &Reply::waiting, "Transactions that wait for a block."),
        field("running", &Reply::running, "Whether it makes blocks."),
        field("now", &Reply::now, "The node's own clock, in ms."),
        field("dev", &Reply::dev, "Whether dev_ methods exist."),
        field("blob_bytes_used", &Reply::blob_bytes_used, "Bytes of job data stored.")};
  }
};

Result<Reply> call(const NoParams&, const Backend& backend) {
  const chain::EngineStatus status = backend.engine.status();
  Reply reply;
  reply.network = backend.style.network;
  reply.name = backend.market.genesis().name;
  reply.chain_id = backend.chain_id;
  reply.height = status.height;
  reply.hash = status.hash;
  reply.time = status.time;
  reply.waiting = status.waiting;
  reply.running = status.running;
  reply.now = backend.now();
  reply.dev = !backend.dev_keys.empty();
  reply.blob_bytes_used = backend.blobs.used_bytes();
  return reply;
}

}  // namespace

Method node_get_status() {
  return method<NoParams, Reply>(
      "node_getStatus", "The node: which chain, how far, and what it lets clients do.", call);
}

}  // namespace bourse::rpc
