// SPDX-License-Identifier: Apache-2.0
#include "wallet/command/job_view.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "market/record/job.hpp"
#include "rpc/method.hpp"
#include "wallet/command/job_run.hpp"
#include "wallet/job_result.hpp"
#include "wallet/save_outputs.hpp"
#include "wallet/show.hpp"
#include "wallet/terminal.hpp"

namespace bourse::wallet {
namespace {

Result<Outcome> task_status(NodeLink& link, const JobId& job, std::uint32_t index) {
  TRY_ASSIGN(const TaskView view, get_task(link, job, index));
  const JsonStyle style = link.style();
  Rows rows;
  add_rows(rows, "", view.task, style);
  std::vector<std::vector<std::string>> table_rows{{"assignment", "state", "price", "provider"}};
  for (const market::Assignment& assignment : view.assignments) {
    table_rows.push_back({show(assignment.id, style), show(assignment.state, style),
                          show(assignment.price, style), show(assignment.provider, style)});
  }
  return Outcome{
      aligned(rows, 0) + table(table_rows),
      {{"task", to_json(view.task, style)}, {"assignments", to_json(view.assignments, style)}}};
}

Result<Json> get_job(NodeLink& link, const JobId& job) {
  return link.client().call("job_get", {{"job", to_json(job, link.style())}});
}

/// Calls visit(task, bundle) for every result of the job, or for that of one task. Tasks without
/// one are passed over unless it was asked for. Error kind: result_not_found when there is none.
template <class Visit>
Result<void> for_each_result(Session& session, const ViewArguments& arguments, Visit&& visit) {
  TRY_ASSIGN(const auto id, parse_id<JobId>(arguments.job, "a job"));
  TRY_ASSIGN(NodeLink * link, session.node());
  TRY_ASSIGN(const Json reply, get_job(*link, id));
  TRY_ASSIGN(const auto job, member<market::Job>(reply, "job", link->style()));
  TRY_ASSIGN(const Signer* signer, session.signer());
  const std::uint32_t first = arguments.task.value_or(0);
  const std::uint32_t end = arguments.task ? first + 1 : job.terms.tasks;
  bool found = false;
  for (std::uint32_t i = first; i < end; ++i) {
    TRY_ASSIGN(const TaskView view, get_task(*link, id, i));
    const auto bundle = fetch_result(*link, signer->key, view);
    if (!bundle && bundle.error().kind == "result_not_found") continue;
    if (!bundle) return bundle.error();
    found = true;
    TRY(visit(view, *bundle));
  }
  if (!found) return Error{"result_not_found", "there is no result yet; see `bourse job status`"};
  return {};
}

Json result_json(const TaskView& view, const market::ResultBundle& bundle, JsonStyle style) {
  return {{"task", view.task.index},
          {"state", to_json(view.task.state, style)},
          {"digest", to_json(view.task.digest, style)},
          {"ended", to_json(bundle.ended, style)},
          {"exit_code", bundle.exit_code}};
}

/// The program's own bytes go out as they are, except to a terminal, which they could command.
void print_stream(std::FILE* stream, ByteView bytes) {
  const bool is_terminal = ::isatty(::fileno(stream)) != 0;
  const std::string text = is_terminal ? printable(as_text(bytes)) : std::string(as_text(bytes));
  std::fwrite(text.data(), 1, text.size(), stream);
}

}  // namespace

Result<Outcome> job_status(Session& session, const ViewArguments& arguments) {
  TRY_ASSIGN(const auto id, parse_id<JobId>(arguments.job, "a job"));
  TRY_ASSIGN(NodeLink * link, session.node());
  if (arguments.task) return task_status(*link, id, *arguments.task);
  const JsonStyle style = link->style();
  TRY_ASSIGN(Json reply, get_job(*link, id));
  TRY_ASSIGN(const auto job, member<market::Job>(reply, "job", style));
  TRY_ASSIGN(const auto counts, member<std::vector<Json>>(reply, "tasks", style));
  Rows rows;
  add_rows(rows, "", job, style);
  for (const Json& count : counts) {
    TRY_ASSIGN(const auto state, member<std::string>(count, "state", style));
    TRY_ASSIGN(const auto number, member<std::uint32_t>(count, "count", style));
    rows.emplace_back("tasks " + state, show(number, style));
  }
  return Outcome{aligned(rows, 0), std::move(reply)};
}

Result<Outcome> list_jobs(Session& session, const ViewArguments& arguments) {
  TRY_ASSIGN(NodeLink * link, session.node());
  TRY_ASSIGN(const Address owner, session.address());
  const JsonStyle style = link->style();
  Json params{{"owner", to_json(owner, style)}, {"limit", arguments.limit}};
  if (!arguments.state.empty()) params["state"] = arguments.state;
  if (!arguments.cursor.empty()) params["cursor"] = arguments.cursor;
  TRY_ASSIGN(const auto page, link->call<rpc::Page<market::Job>>("job_list", params));
  std::vector<std::vector<std::string>> rows{{"job", "state", "accepted", "locked", "submitted"}};
  for (const market::Job& job : page.items) {
    rows.push_back({show(job.id, style), show(job.state, style),
                    fmt::format("{}/{}", job.tasks_accepted, job.terms.tasks),
                    show(job.escrow, style), show(job.submitted, style)});
  }
  std::string text = table(rows);
  if (page.next_cursor) text += "more with --cursor " + *page.next_cursor + "\n";
  return Outcome{text, to_json(page, style)};
}

Result<Outcome> job_result(Session& session, const ViewArguments& arguments) {
  TRY_ASSIGN(const auto id, parse_id<JobId>(arguments.job, "a job"));
  TRY_ASSIGN(const auto out, output_dir(arguments.out, id));
  TRY_ASSIGN(NodeLink * link, session.node());
  const JsonStyle style = link->style();
  Outcome outcome;
  outcome.json = {{"out", out.string()}, {"tasks", Json::array()}};
  TRY(for_each_result(
      session, arguments,
      [&](const TaskView& view, const market::ResultBundle& bundle) -> Result<void> {
        TRY(save_task_outputs(out, view.task.index, bundle));
        outcome.json["tasks"].push_back(result_json(view, bundle, style));
        outcome.text +=
            fmt::format("task {}  {}, program {} with code {}\n", view.task.index,
                        show(view.task.state, style), show(bundle.ended, style), bundle.exit_code);
        return {};
      }));
  outcome.text += "outputs " + out.string() + "\n";
  return outcome;
}

Result<Outcome> job_logs(Session& session, const ViewArguments& arguments) {
  TRY_ASSIGN(NodeLink * link, session.node());
  const JsonStyle style = link->style();
  Outcome outcome;
  outcome.json = {{"tasks", Json::array()}};
  TRY(for_each_result(
      session, arguments,
      [&](const TaskView& view, const market::ResultBundle& bundle) -> Result<void> {
        if (!session.options.json) {
          print_stream(stdout, bundle.standard_output);
          print_stream(stderr, bundle.standard_error);
        }
        Json json = result_json(view, bundle, style);
        json["standard_output"] = std::string(as_text(bundle.standard_output));
        json["standard_error"] = std::string(as_text(bundle.standard_error));
        outcome.json["tasks"].push_back(std::move(json));
        return {};
      }));
  return outcome;
}

}  // namespace bourse::wallet
