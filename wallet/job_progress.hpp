// SPDX-License-Identifier: Apache-2.0
//
// What is seen while a job runs: one line that changes on a terminal, a line per event elsewhere,
// or one JSON object per event with --json. Nothing is shown twice and nothing with --quiet.
#pragma once

#include <chrono>
#include <string>

#include "rpc/views.hpp"

namespace bourse::wallet {

/// What happened, in a few words: "task 0 matched for 0.001 BRS by 0x…".
std::string event_text(const market::Event& event, JsonStyle style);

class JobProgress {
 public:
  enum class Form { none, line, lines, json };
  JobProgress(Form form, JsonStyle style);
  ~JobProgress() { clear(); }
  JobProgress(const JobProgress&) = delete;
  JobProgress& operator=(const JobProgress&) = delete;

  void event(const rpc::EventView& view);
  void tick();
  void note(const std::string& text);

 private:
  void clear();

  const Form form_;
  const JsonStyle style_;
  const std::chrono::steady_clock::time_point start_;
  std::string last_;
  std::string shown_;
};

}  // namespace bourse::wallet
