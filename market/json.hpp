// SPDX-License-Identifier: Apache-2.0
//
// The JSON of what the market stores and shows, compiled once (market/json.cpp) and not in every
// file that shows it: to_json, from_json and json_schema of the structs listed here.
#pragma once

#include "base/schema.hpp"
#include "market/commitment.hpp"
#include "market/event.hpp"
#include "market/genesis.hpp"
#include "market/job_spec.hpp"
#include "market/state.hpp"
#include "market/storage_receipt.hpp"

// clang-format off
#define BOURSE_JSON_STRUCTS(X) \
  X(Account) \
  X(Provider) \
  X(Offer) \
  X(OfferTerms) \
  X(Job) \
  X(JobTerms) \
  X(Task) \
  X(Assignment) \
  X(Params) \
  X(Genesis) \
  X(Event) \
  X(JobSpec) \
  X(PreparedJob) \
  X(PriceEstimate) \
  X(StorageReceipt) \
  X(ProvedRecord)
// clang-format on

namespace bourse {

#define BOURSE_DECLARE(T)                                                                \
  extern template Json to_json<market::T>(const market::T&, JsonStyle);                  \
  extern template Result<void> from_json<market::T>(const Json&, market::T&, JsonStyle); \
  extern template Json json_schema<market::T>();
BOURSE_JSON_STRUCTS(BOURSE_DECLARE)
#undef BOURSE_DECLARE

}  // namespace bourse
