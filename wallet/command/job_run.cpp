// SPDX-License-Identifier: Apache-2.0
#include "wallet/command/job_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <set>

#include "base/crypto.hpp"
#include "base/files.hpp"
#include "market/tx/tx_context.hpp"
#include "wallet/exit_code.hpp"
#include "wallet/job_file.hpp"
#include "wallet/job_follow.hpp"
#include "wallet/job_progress.hpp"
#include "wallet/save_outputs.hpp"
#include "wallet/show.hpp"

namespace bourse::wallet {
namespace {

std::string command_line(const std::vector<std::string>& command) {
  std::string out;
  for (const std::string& argument : command) out += (out.empty() ? "" : " ") + argument;
  return out;
}

/// What the operation alone does not say: the command behind its hash, and what it may cost.
Result<std::string> summary(NodeLink& link, const JobFile& file, const market::PreparedJob& job,
                            bool wait) {
  const JsonStyle style = link.style();
  const market::JobTerms& terms = file.terms;
  const Json params{{"terms", to_json(terms, style)}};
  TRY_ASSIGN(const auto estimate, link.call<market::PriceEstimate>("market_estimatePrice", params));
  std::uint64_t bytes = job.spec_blob.size();
  for (const market::InputFile& input : file.spec.inputs) bytes += input.size;
  Rows rows{{"command", show(command_line(file.spec.command), style)},
            {"inputs", fmt::format("{} files", file.spec.inputs.size())},
            {"uploads", fmt::format("{} bytes", bytes)},
            {"locks", fmt::format("{}: at most {} for each of {} replicas of {} tasks",
                                  show(job.escrow, style), show(terms.price_max, style),
                                  terms.replicas_max, terms.tasks)}};
  rows.emplace_back(
      "offers now",
      estimate.price_of_round
          ? fmt::format("{} suitable; a task costs {}", estimate.offers_feasible,
                        show(*estimate.price_of_round, style))
          : fmt::format("{} suitable, and {} are needed; it waits up to {} for more",
                        estimate.offers_feasible, terms.margin, show(terms.match_within, style)));
  if (wait && terms.margin == 1) {
    rows.emplace_back("verification",
                      "a good result is accepted at once; one that cannot be fetched or is not "
                      "what it claims is disputed, at a bond of at most " +
                          show(terms.price_max, style));
  }
  return "Job\n" + aligned(rows, 2);
}

/// The spec and every input, each content once.
Result<void> upload(Session& session, const JobFile& file, const market::PreparedJob& job) {
  TRY_ASSIGN(NodeLink * link, session.node());
  TRY_ASSIGN(const Signer* signer, session.signer());
  session.note(fmt::format("Uploading the spec and {} inputs.\n", file.files.size()));
  TRY(link->put_blob(signer->key, job.spec_blob, std::nullopt));
  std::set<Hash> sent;
  for (std::size_t i = 0; i < file.files.size(); ++i) {
    const market::InputFile& input = file.spec.inputs[i];
    if (!sent.insert(input.sha256).second) continue;
    TRY_ASSIGN(const Bytes content, read_file(file.files[i], kInputBytesMax));
    if (sha256(content) != input.sha256) {
      return Error{"input_changed", file.files[i].string() + " has changed since it was read"};
    }
    TRY(link->put_blob(signer->key, content, std::nullopt));
  }
  return {};
}

JobProgress::Form progress_form(const Options& options) {
  if (options.json) return JobProgress::Form::json;
  if (options.quiet) return JobProgress::Form::none;
  return ::isatty(STDERR_FILENO) != 0 ? JobProgress::Form::line : JobProgress::Form::lines;
}

Outcome outcome_of(const JobReport& report, const std::filesystem::path& out, JsonStyle style) {
  Outcome outcome;
  bool success = !report.tasks.empty();
  for (const TaskEnd& end : report.tasks) {
    success = success && end.is_success();
    outcome.text += fmt::format("task {}  {}", end.task, show(end.state, style));
    if (end.ended) outcome.text += fmt::format(", program {}", show(*end.ended, style));
    if (end.exit_code) outcome.text += fmt::format(" with code {}", *end.exit_code);
    outcome.text += "\n";
  }
  for (const Payment& payment : report.paid) {
    outcome.text +=
        fmt::format("paid    {} to {} (task {}, provider {})\n", show(payment.amount, style),
                    show(payment.account, style), payment.task, show(payment.provider, style));
  }
  outcome.text += "back    " + show(report.refund, style) + "\n";
  outcome.text += "outputs " + out.string() + "\n";
  outcome.json = to_json(report, style);
  outcome.json["type"] = "end";
  outcome.json["out"] = out.string();
  outcome.is_json_line = true;
  outcome.exit_code = static_cast<int>(success ? ExitCode::ok : ExitCode::job_failed);
  return outcome;
}

Result<Outcome> follow(Session& session, const JobId& job, const std::filesystem::path& out,
                       std::uint32_t timeout_seconds) {
  TRY_ASSIGN(NodeLink * link, session.node());
  TRY_ASSIGN(const Signer* signer, session.signer());
  JobProgress progress(progress_form(session.options), link->style());
  JobFollower follower(
      *link, *signer, job, out,
      {[&](const rpc::EventView& view) { progress.event(view); }, [&] { progress.tick(); },
       [&](const std::string& text) { progress.note(text); }});
  std::optional<std::chrono::seconds> timeout;
  if (timeout_seconds != 0) timeout = std::chrono::seconds(timeout_seconds);
  const auto report = follower.run(timeout);
  if (report) return outcome_of(*report, out, link->style());
  const std::string id = "0x" + to_hex(job.bytes);
  return Error{report.error().kind, report.error().message + ". See `bourse job status " + id +
                                        "`, go on with `bourse job wait " + id +
                                        "`, or fetch with `bourse job result " + id + "`"};
}

}  // namespace

Result<std::filesystem::path> output_dir(const std::string& given, const JobId& job) {
  const std::filesystem::path out =
      given.empty() ? "job-" + to_hex(ByteView(job.bytes).first(8)) : given;
  TRY(prepare_output_dir(out));
  return out;
}

Result<Outcome> run_job(Session& session, const RunArguments& arguments) {
  TRY_ASSIGN(JobFile file, load_job_file(arguments.file));
  // Prepared here and not by the node: what it says of the market is all that it is asked for.
  TRY_ASSIGN(const market::PreparedJob job,
             market::prepare_job(market::State{}, file.spec, file.terms));
  file.terms.spec = sha256(job.spec_blob);
  if (!arguments.out.empty()) TRY(prepare_output_dir(arguments.out));
  TRY_ASSIGN(NodeLink * link, session.node());
  TRY_ASSIGN(const std::string text, summary(*link, file, job, arguments.wait));
  session.present(text);
  TRY_ASSIGN(const Draft draft, session.propose({job.operation}));
  TRY(session.confirm("Upload, sign and send?"));
  const JobId id{market::object_id(draft.body.sender, draft.body.nonce, 0).bytes};
  TRY(upload(session, file, job));
  TRY_ASSIGN(const Sent sent, session.send(draft));
  Outcome outcome = sent.outcome("Submitted", link->style());
  outcome.json["job"] = to_json(id, link->style());
  outcome.text += "job  " + show(id, link->style()) + "\n";
  if (!arguments.wait) return outcome;
  session.note(outcome.text);
  TRY_ASSIGN(const auto out, output_dir(arguments.out, id));
  return follow(session, id, out, arguments.timeout_seconds);
}

Result<Outcome> wait_for_job(Session& session, const std::string& job,
                             const RunArguments& arguments) {
  TRY_ASSIGN(const auto id, parse_id<JobId>(job, "a job"));
  TRY_ASSIGN(const auto out, output_dir(arguments.out, id));
  return follow(session, id, out, arguments.timeout_seconds);
}

}  // namespace bourse::wallet
