// SPDX-License-Identifier: Apache-2.0
#include "market/job_spec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "market/matcher.hpp"
#include "market/result.hpp"
#include "market/tx/job_submit.hpp"

namespace bourse::market {
namespace {

Error invalid(std::string why) { return Error{"spec_invalid", "job spec: " + std::move(why)}; }

bool is_variable_name(const std::string& name) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= 255 && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), is_word);
}

bool has_zero(const std::string& text) { return text.find('\0') != std::string::npos; }

/// Whether one input would have to be both a file and the directory of another. Paths are sorted,
/// so such a pair need not be adjacent: "a", "a-b", "a/c".
bool has_file_as_directory(const std::vector<InputFile>& inputs) {
  std::set<std::string_view> files;
  for (const InputFile& input : inputs) files.insert(input.path);
  return std::any_of(inputs.begin(), inputs.end(), [&](const InputFile& input) {
    const std::string_view path = input.path;
    for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
      if (files.contains(path.substr(0, slash))) return true;
    }
    return false;
  });
}

}  // namespace

Result<void> check_spec(const JobSpec& spec) {
  if (spec.command.empty() || spec.command[0].empty()) return invalid("the command is empty");
  if (std::any_of(spec.command.begin(), spec.command.end(), has_zero)) {
    return invalid("an argument holds a zero byte");
  }
  for (std::size_t i = 0; i < spec.environment.size(); ++i) {
    const EnvironmentVariable& variable = spec.environment[i];
    if (!is_variable_name(variable.name) || has_zero(variable.value)) {
      return invalid("a variable's name must be letters, digits and _, its value without zeros");
    }
    if (i > 0 && spec.environment[i - 1].name >= variable.name) {
      return invalid("variables must stand in ascending order, each once");
    }
  }
  if (spec.inputs.size() > kInputsMax) return invalid("there are more than 1024 inputs");
  for (std::size_t i = 0; i < spec.inputs.size(); ++i) {
    if (!is_safe_path(spec.inputs[i].path)) {
      return invalid("an input's path must be relative, without . or .. parts");
    }
    if (i > 0 && spec.inputs[i - 1].path >= spec.inputs[i].path) {
      return invalid("inputs must stand in ascending order of path, each once");
    }
  }
  if (has_file_as_directory(spec.inputs)) return invalid("an input is the directory of another");
  if (encode(spec).size() > kSpecBytesMax) return invalid("it is larger than 64 KiB");
  return {};
}

Result<JobSpec> decode_spec(ByteView blob) {
  if (blob.size() > kSpecBytesMax) return invalid("it is larger than 64 KiB");
  auto spec = decode<JobSpec>(blob);
  if (!spec) return invalid("the blob is not a canonically encoded spec");
  TRY(check_spec(*spec));
  return std::move(*spec);
}

PriceEstimate estimate_price(const State& state, const JobTerms& terms) {
  Job job;
  job.terms = terms;
  std::map<Address, Amount> cheapest;
  const auto& offers = state.table<Offer>();
  for (std::uint32_t i = 0; i < offers.size(); ++i) {
    const Evaluation evaluation = evaluate(state, job, offers.at(i), {});
    if (evaluation.mismatch != Mismatch::none) continue;
    const Address& owner = state.get<Provider>(offers.at(i).provider)->owner;
    const auto [place, is_new] = cheapest.try_emplace(owner, evaluation.price);
    if (!is_new) place->second = std::min(place->second, evaluation.price);
  }
  std::vector<Amount> prices;
  for (const auto& [owner, price] : cheapest) prices.push_back(price);
  std::sort(prices.begin(), prices.end());
  PriceEstimate out;
  out.offers_feasible = static_cast<std::uint32_t>(prices.size());
  if (!prices.empty()) out.price_lowest = prices[0];
  if (prices.size() >= terms.margin) {
    Amount sum;
    for (std::uint32_t i = 0; i < terms.margin; ++i) sum += prices[i];
    out.price_of_round = sum;
  }
  return out;
}

namespace {

std::string summary_of(const JobSpec& spec, const JobTerms& terms, const PreparedJob& job) {
  std::string command;
  for (const std::string& argument : spec.command)
    command += (command.empty() ? "" : " ") + argument;
  if (command.size() > 200) {
    command.resize(200);
    command += "…";
  }
  std::string text = fmt::format(
      "Run `{}` {} with {} vCPU, {} MiB memory and {} MiB disk, for at most {} s each. ", command,
      terms.tasks == 1 ? "once" : fmt::format("as {} tasks", terms.tasks),
      decimal_text(terms.bundle.cpu_milli, 3), terms.bundle.memory_mib, terms.bundle.disk_mib,
      terms.run_seconds);
  text += terms.margin == 1
              ? fmt::format("One provider works on each; you have {} s to dispute its result. ",
                            terms.review.value() / 1000)
              : fmt::format("{} providers must agree on each result. ", terms.margin);
  text += fmt::format("This locks {}: at most {} for each of up to {} results per task. ",
                      brs_text(job.escrow), brs_text(terms.price_max), terms.replicas_max);
  if (job.estimate.price_of_round) {
    text += fmt::format("Offers now ask {} per task; what is not spent comes back.",
                        brs_text(*job.estimate.price_of_round));
  } else {
    text += fmt::format("Only {} suitable offers stand now; it waits up to {} s for more.",
                        job.estimate.offers_feasible, terms.match_within.value() / 1000);
  }
  return text;
}

}  // namespace

Result<PreparedJob> prepare_job(const State& state, const JobSpec& spec, JobTerms terms) {
  TRY(check_spec(spec));
  PreparedJob out;
  out.spec_blob = encode(spec);
  terms.spec = sha256(out.spec_blob);
  const JobSubmit submit{terms};
  if (const auto checked = check(submit); checked.has_error()) return to_error(checked.error());
  const auto escrow = checked_mul(terms.price_max, std::uint64_t{terms.tasks} * terms.replicas_max);
  if (!escrow || *escrow > kAmountMax) return to_error(TxError::escrow_too_high);
  out.escrow = *escrow;
  out.operation = {JobSubmit::type, encode(submit)};
  out.estimate = estimate_price(state, terms);
  out.summary = summary_of(spec, terms, out);
  return out;
}

std::string decimal_text(std::uint64_t value, int places) {
  std::string digits = fmt::format("{:0{}}", value, places + 1);
  const std::size_t point = digits.size() - static_cast<std::size_t>(places);
  digits.insert(point, 1, '.');
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) digits.pop_back();
  return digits;
}

std::string brs_text(Amount amount) { return decimal_text(amount.value(), 9) + " BRS"; }

Result<Amount> parse_brs(std::string_view text) {
  const Error error{"amount_invalid",
                    "an amount is a decimal number of BRS with at most nine places, such as 1.25"};
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view places = point == text.npos ? "" : text.substr(point + 1);
  if (whole.empty() || whole.size() > 10 || places.size() > 9) return error;
  if (point != text.npos && places.empty()) return error;
  std::uint64_t grains = 0;
  for (const char c :
       std::string(whole) + std::string(places) + std::string(9 - places.size(), '0')) {
    if (c < '0' || c > '9') return error;
    grains = grains * 10 + static_cast<std::uint64_t>(c - '0');
    if (grains > kAmountMax.value()) return error;
  }
  return Amount(grains);
}

}  // namespace bourse::market
