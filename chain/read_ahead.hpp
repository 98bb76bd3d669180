// SPDX-License-Identifier: Apache-2.0
//
// Reading on one core and making something of it on another: a start takes what the database can
// give as fast as it comes.
#pragma once

#include "chain/rows.hpp"

namespace bourse::chain {

/// The same rows, read on a thread of their own. The sink sees them where and in the order in which
/// it would without that: an error of `rows` comes after the rows before it, and an error of the
/// sink ends the reading.
Rows read_ahead(Rows rows);

}  // namespace bourse::chain
