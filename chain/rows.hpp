// SPDX-License-Identifier: Apache-2.0
//
// Rows of keys and values in ascending order of key: what a checkpoint is written from and read
// back as.
#pragma once

#include <functional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace bourse::chain {

/// Takes one row. An error ends the reading.
using RowSink = std::function<Result<void>(ByteView key, ByteView value)>;

/// Hands all rows to the sink. It may be called from any thread, and holds what it reads from.
using Rows = std::function<Result<void>(const RowSink& sink)>;

}  // namespace bourse::chain
