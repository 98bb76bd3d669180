// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "wallet/command/command.hpp"
#include "wallet/command/job_run.hpp"
#include "wallet/command/job_view.hpp"

namespace bourse::wallet {
namespace {

void add_running(CLI::App& job, Session& session) {
  const auto arguments = std::make_shared<RunArguments>();
  const auto id = std::make_shared<std::string>();
  const auto add_wait_options = [&](CLI::App* verb) {
    verb->add_option("--out", arguments->out, "Directory for the outputs; new or empty")
        ->type_name("DIR");
    verb->add_option("--timeout", arguments->timeout_seconds, "Stop waiting after so long")
        ->type_name("SECONDS");
  };
  CLI::App* verb = add_verb(job, "run", "Submits a job",
                            "bourse job run job.toml --wait --out results --timeout 900");
  verb->add_option("file", arguments->file, "The job file")->required();
  verb->add_flag("--wait", arguments->wait,
                 "Stay until it ends, fetch and check its results, and accept them");
  add_wait_options(verb);
  on_chosen(verb, session, [=](Session& s) { return run_job(s, *arguments); });

  verb = add_verb(job, "wait", "Stays with a job as `run --wait` does", "bourse job wait 0x...");
  verb->add_option("job", *id, "The job")->required();
  add_wait_options(verb);
  on_chosen(verb, session, [=](Session& s) { return wait_for_job(s, *id, *arguments); });
}

void add_looking(CLI::App& job, Session& session) {
  const auto arguments = std::make_shared<ViewArguments>();
  CLI::App* verb = add_verb(job, "status", "How far a job is", "bourse job status 0x... --task 0");
  verb->add_option("job", arguments->job, "The job")->required();
  verb->add_option("--task", arguments->task, "One task and all its assignments");
  on_chosen(verb, session, [=](Session& s) { return job_status(s, *arguments); });

  verb = add_verb(job, "list", "Your jobs, newest first", "bourse job list --state open");
  verb->add_option("--state", arguments->state, "open or closed; both when absent");
  verb->add_option("--limit", arguments->limit, "At most so many")->check(CLI::Range(1, 200));
  verb->add_option("--cursor", arguments->cursor, "Where the last list ended");
  on_chosen(verb, session, [=](Session& s) { return list_jobs(s, *arguments); });

  verb = add_verb(job, "result", "Fetches outputs and checks them against the chain",
                  "bourse job result 0x... --out results");
  verb->add_option("job", arguments->job, "The job")->required();
  verb->add_option("--task", arguments->task, "Only this task");
  verb->add_option("--out", arguments->out, "Directory for the outputs; new or empty")
      ->type_name("DIR");
  on_chosen(verb, session, [=](Session& s) { return job_result(s, *arguments); });

  verb = add_verb(job, "logs", "What the program wrote to standard output and error",
                  "bourse job logs 0x... --task 0");
  verb->add_option("job", arguments->job, "The job")->required();
  verb->add_option("--task", arguments->task, "Only this task");
  on_chosen(verb, session, [=](Session& s) { return job_logs(s, *arguments); });
}

}  // namespace

void add_job_commands(CLI::App& root, Session& session) {
  CLI::App* job = add_noun(root, "job", "Work to be done by others");
  add_running(*job, session);
  add_looking(*job, session);
  add_operation(*job, session, "cancel", "job_cancel", "bourse job cancel 0x<job>");
  add_operation(*job, session, "accept", "result_accept", "bourse job accept 0x<job> 0");
  add_operation(*job, session, "dispute", "result_dispute", "bourse job dispute 0x<job> 0");
}

}  // namespace bourse::wallet
