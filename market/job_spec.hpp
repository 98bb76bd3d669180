// SPDX-License-Identifier: Apache-2.0
//
// What a job runs: command, environment and inputs. The chain holds only the hash of this blob;
// wallet, node and provider share the rules here. SPEC 5.8.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "chain/tx.hpp"
#include "market/record/job.hpp"
#include "market/state.hpp"

namespace bourse::market {

inline constexpr std::size_t kSpecBytesMax = 64 * 1024;
inline constexpr std::size_t kInputsMax = 1024;

struct EnvironmentVariable {
  std::string name;
  std::string value;

  static constexpr auto fields() {
    return std::tuple{
        field("name", &EnvironmentVariable::name, "Letters, digits and _; no digit first."),
        field("value", &EnvironmentVariable::value, "Its value.")};
  }
};

struct InputFile {
  std::string path;
  bool executable = false;
  std::uint64_t size = 0;
  Hash sha256;

  static constexpr auto fields() {
    return std::tuple{field("path", &InputFile::path, "Where it appears below /in."),
                      field("executable", &InputFile::executable, "Whether it may be executed."),
                      field("size", &InputFile::size, "Its size in bytes."),
                      field("sha256", &InputFile::sha256, "Hash of its content, and its blob.")};
  }
};

/// The spec blob: its canonical CBOR is what JobTerms::spec is the SHA-256 of. Every task of the
/// job runs the same command, with its index in BOURSE_TASK and the count in BOURSE_TASKS.
struct JobSpec {
  std::vector<std::string> command;
  std::vector<EnvironmentVariable> environment;
  std::vector<InputFile> inputs;

  static constexpr auto fields() {
    return std::tuple{
        field("command", &JobSpec::command, "Program and arguments, run in /out."),
        field("environment", &JobSpec::environment, "Variables, in ascending order of name."),
        field("inputs", &JobSpec::inputs, "Files below /in, in ascending order of path.")};
  }
};

/// Error kind spec_invalid: an empty command, an unsafe path or name, something out of order or
/// twice, a blob above kSpecBytesMax.
Result<void> check_spec(const JobSpec& spec);
/// The checked spec in a blob. Error kind: spec_invalid.
Result<JobSpec> decode_spec(ByteView blob);

/// What the book offers for a job now: the cheapest feasible prices, best first.
struct PriceEstimate {
  std::uint32_t offers_feasible = 0;
  std::optional<Amount> price_lowest;
  std::optional<Amount> price_of_round;

  static constexpr auto fields() {
    return std::tuple{
        field("offers_feasible", &PriceEstimate::offers_feasible,
              "Owners whose offers could serve the job now."),
        field("price_lowest", &PriceEstimate::price_lowest,
              "Grains of the cheapest for one replica."),
        field("price_of_round", &PriceEstimate::price_of_round,
              "Grains of the first round of replicas for one task; absent when too few offer.")};
  }
};
PriceEstimate estimate_price(const State& state, const JobTerms& terms);

/// The operation that submits the job, and what it means in plain words.
struct PreparedJob {
  Bytes spec_blob;
  chain::Operation operation;
  Amount escrow;
  PriceEstimate estimate;
  std::string summary;

  static constexpr auto fields() {
    return std::tuple{
        field("spec_blob", &PreparedJob::spec_blob, "To be stored with PUT /blob/<sha256>."),
        field("operation", &PreparedJob::operation, "The job_submit operation to sign and send."),
        field("escrow", &PreparedJob::escrow, "Grains that submitting locks."),
        field("estimate", &PreparedJob::estimate, "What the book offers now."),
        field("summary", &PreparedJob::summary, "What will happen, in plain words.")};
  }
};
/// Fills `terms.spec` in. Error kinds: spec_invalid, and those that JobSubmit's check gives.
Result<PreparedJob> prepare_job(const State& state, const JobSpec& spec, JobTerms terms);

/// value / 10^places in decimal, without zeros at the end: 1250 with three places is "1.25".
std::string decimal_text(std::uint64_t value, int places);
/// "1.25 BRS": the amount in BRS with up to nine places.
std::string brs_text(Amount amount);
/// The amount in a decimal number of BRS with at most nine places. Error kind: amount_invalid.
Result<Amount> parse_brs(std::string_view text);

}  // namespace bourse::market
