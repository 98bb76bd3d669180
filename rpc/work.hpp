// SPDX-License-Identifier: Apache-2.0
//
// What a provider's agent asks for and works from: a live assignment with its job and its task.
#pragma once

#include "market/record/assignment.hpp"
#include "market/record/job.hpp"
#include "market/record/task.hpp"

namespace bourse::rpc {

struct Work {
  market::Assignment assignment;
  market::JobTerms terms;
  market::Task task;

  static constexpr auto fields() {
    return std::tuple{field("assignment", &Work::assignment, "The assignment."),
                      field("terms", &Work::terms, "What its job asks for."),
                      field("task", &Work::task, "Its task.")};
  }
};

}  // namespace bourse::rpc
