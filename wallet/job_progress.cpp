// SPDX-License-Identifier: Apache-2.0
#include "wallet/job_progress.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "wallet/show.hpp"
#include "wallet/terminal.hpp"

namespace bourse::wallet {

std::string event_text(const market::Event& event, JsonStyle style) {
  std::string out = event.task ? fmt::format("task {} ", *event.task) : "";
  out += show(event.kind, style);
  if (event.amount) out += " " + show(*event.amount, style);
  if (event.provider) out += ", provider " + show(*event.provider, style);
  return out;
}

JobProgress::JobProgress(Form form, JsonStyle style)
    : form_(form), style_(style), start_(std::chrono::steady_clock::now()), last_("submitted") {}

void JobProgress::event(const rpc::EventView& view) {
  last_ = event_text(view.event, style_);
  if (form_ == Form::lines) fmt::print(stderr, "{}  {}\n", show(view.time, style_), last_);
  if (form_ == Form::json) {
    Json json = to_json(view, style_);
    json["type"] = "event";
    fmt::print("{}\n", dump_json(json));
    std::fflush(stdout);
  }
  tick();
}

void JobProgress::tick() {
  if (form_ != Form::line) return;
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start_);
  const std::string line = fmt::format("{} s  {}", elapsed.count(), printable(last_));
  if (line == shown_) return;
  shown_ = line;
  fmt::print(stderr, "\r\033[K{}", line);
}

void JobProgress::note(const std::string& text) {
  if (form_ == Form::none) return;
  clear();
  fmt::print(stderr, "{}\n", printable(text));
}

void JobProgress::clear() {
  if (form_ == Form::line && !shown_.empty()) fmt::print(stderr, "\r\033[K");
  shown_.clear();
}

}  // namespace bourse::wallet
