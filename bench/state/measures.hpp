// SPDX-License-Identifier: Apache-2.0
//
// What bench_state measures. Each returns its figures as a JSON object.
#pragma once

#include <filesystem>

#include "base/json.hpp"

namespace bourse::bench {

/// Milliseconds from the executed block of `keys` changed accounts until it is durable and the root
/// of the state after it is known.
Json block_times(std::size_t accounts, std::size_t keys, std::size_t blocks);

/// Bytes of memory per account and per open offer.
Json memory(std::size_t accounts, std::size_t offers);

/// Transactions per second of a start that executes all blocks again, signatures included.
Json replay(std::size_t senders, std::size_t transactions);

/// Microseconds of processor time per transaction, from its raw bytes to the durable block.
Json cost(std::size_t accounts, std::size_t transactions);

/// Makes a node's home with so many accounts and offers, and a stream of transfers that may follow;
/// names an account and an offer in it.
Json make_home(const std::filesystem::path& directory, std::size_t accounts, std::size_t offers);

}  // namespace bourse::bench
