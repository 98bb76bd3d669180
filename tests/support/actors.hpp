// SPDX-License-Identifier: Apache-2.0
//
// People who mostly do the next sensible thing with whatever is in the market, and often something
// else: what random walks and the simulator are driven by. The same numbers give the same deeds.
#pragma once

#include "tests/support/random_fields.hpp"
#include "tests/support/world.hpp"

namespace bourse::test {

/// A genesis in which a handful of people have money, with parameters at which much happens.
market::Genesis random_genesis(RandomFields& random);

/// What somebody does in one transaction.
struct Deed {
  std::string sender;
  std::vector<chain::Operation> operations;
};

class Actors {
 public:
  explicit Actors(RandomFields& random) : random_(random) {}
  Deed deed(const market::State& state, TimeMs now);

 private:
  struct Step {
    std::string sender;
    chain::Operation operation;
  };

  const std::string& actor();
  /// The name behind an address, or anybody.
  const std::string& name_of(const Address& address);
  /// Any operation at all; its ids mostly name nothing.
  Step wild();
  Step sensible();
  template <class Record>
  const Record* any();
  /// The next step of some replica.
  std::optional<Step> work();
  Step request();
  std::optional<Step> judge();
  market::OfferTerms offer_terms();
  Step supply();

  RandomFields& random_;
  const market::State* state_ = nullptr;
  TimeMs now_;
};

}  // namespace bourse::test
