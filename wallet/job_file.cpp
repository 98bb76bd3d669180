// SPDX-License-Identifier: Apache-2.0
#include "wallet/job_file.hpp"

#include <algorithm>
#include <optional>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/crypto.hpp"
#include "base/files.hpp"
#include "base/json_fields.hpp"

namespace bourse::wallet {
namespace {

Error invalid(const toml::source_region& where, const std::string& why) {
  return Error{"job_file_invalid",
               "job file, line " + std::to_string(where.begin.line) + ": " + why};
}

/// The first thing that is wrong with the file; later ones often follow from it.
struct Fault {
  std::optional<Error> error;
  void set(const toml::source_region& where, const std::string& why) {
    if (!error) error = invalid(where, why);
  }
};

/// Reads the members of one table. Every key that the program looks at is known; finish() refuses
/// the others.
class Section {
 public:
  Section(const toml::table& table, std::string name, Fault& fault)
      : table_(table), name_(std::move(name)), fault_(fault) {}

  template <class T>
  void require(std::string_view key, T& out) {
    if (!read(key, out)) fault_.set(table_.source(), "\"" + label(key) + "\" is missing");
  }

  /// Whether the key is there; `out` keeps its value otherwise.
  template <class T>
  bool read(std::string_view key, T& out) {
    const toml::node* node = find(key);
    if (node) convert(key, *node, out);
    return node != nullptr;
  }

  /// The members of a table below this one, as a section; nothing when it is absent.
  const toml::table* section(std::string_view key) {
    const toml::node* node = find(key);
    if (node && !node->is_table()) wrong(key, *node, "a table");
    return node ? node->as_table() : nullptr;
  }
  const toml::array* sections(std::string_view key) {
    const toml::node* node = find(key);
    const toml::array* array = node ? node->as_array() : nullptr;
    if (node && !(array && (array->empty() || array->is_homogeneous<toml::table>()))) {
      wrong(key, *node, "a list of tables, [[" + std::string(key) + "]]");
      return nullptr;
    }
    return array;
  }

  void finish() {
    for (const auto& [key, node] : table_) {
      if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
      const std::string shown(key.str().substr(0, 64));
      fault_.set(key.source(), "unknown key \"" + label(shown) + "\"; did you mean \"" +
                                   nearest_name(shown, known_) + "\"?");
    }
  }

 private:
  const toml::node* find(std::string_view key) {
    known_.push_back(key);
    return table_.get(key);
  }
  std::string label(std::string_view key) const { return name_ + std::string(key); }
  void wrong(std::string_view key, const toml::node& node, const std::string& expected) {
    fault_.set(node.source(), "\"" + label(key) + "\" must be " + expected);
  }

  void convert(std::string_view key, const toml::node& node, std::string& out) {
    if (const auto* text = node.as_string()) {
      out = text->get();
    } else {
      wrong(key, node, "text in quotes");
    }
  }
  void convert(std::string_view key, const toml::node& node, bool& out) {
    if (const auto* boolean = node.as_boolean()) {
      out = boolean->get();
    } else {
      wrong(key, node, "true or false");
    }
  }
  template <std::unsigned_integral T>
  void convert(std::string_view key, const toml::node& node, T& out) {
    const auto* number = node.as_integer();
    if (number && number->get() >= 0 && std::in_range<T>(number->get())) {
      out = static_cast<T>(number->get());
    } else {
      wrong(key, node, "a whole number from 0 to " + std::to_string(std::numeric_limits<T>::max()));
    }
  }
  void convert(std::string_view key, const toml::node& node, DurationMs& out) {
    std::uint32_t count = 0;
    convert(key, node, count);
    out = seconds(count);
  }
  void convert(std::string_view key, const toml::node& node, Amount& out) {
    const auto* text = node.as_string();
    const auto amount = market::parse_brs(text ? text->get() : "");
    if (amount) {
      out = *amount;
    } else {
      wrong(key, node, "an amount of BRS in quotes, such as \"0.25\"");
    }
  }
  template <std::size_t N, class Tag>
  void convert(std::string_view key, const toml::node& node, FixedBytes<N, Tag>& out) {
    const auto* text = node.as_string();
    if (!text || !from_json(Json(text->get()), out, JsonStyle{})) {
      wrong(key, node, "0x and " + std::to_string(2 * N) + " hex digits in quotes");
    }
  }
  template <NamedEnum E>
  void convert(std::string_view key, const toml::node& node, E& out) {
    const auto* text = node.as_string();
    const auto read = from_json(Json(text ? text->get() : ""), out, JsonStyle{});
    if (!read) fault_.set(node.source(), "\"" + label(key) + "\": " + read.error().message);
  }
  template <class T>
  void convert(std::string_view key, const toml::node& node, std::vector<T>& out) {
    const auto* array = node.as_array();
    if (!array) return wrong(key, node, "a list in [brackets]");
    for (const toml::node& item : *array) convert(key, item, out.emplace_back());
  }

  const toml::table& table_;
  const std::string name_;
  Fault& fault_;
  std::vector<std::string_view> known_;
};

void read_resources(const toml::table& table, market::JobTerms& terms, Fault& fault) {
  Section resources(table, "resources.", fault);
  resources.require("cpu_milli", terms.bundle.cpu_milli);
  resources.require("memory_mib", terms.bundle.memory_mib);
  resources.require("disk_mib", terms.bundle.disk_mib);
  resources.read("gpus", terms.bundle.gpus);
  resources.read("gpu_model", terms.gpu_model);
  resources.read("arch", terms.arch);
  resources.finish();
}

void read_constraints(const toml::table& table, market::JobTerms& terms, Fault& fault) {
  Section constraints(table, "constraints.", fault);
  constraints.read("regions", terms.regions);
  constraints.read("allowed", terms.allowed);
  constraints.read("excluded", terms.excluded);
  constraints.read("done_min", terms.done_min);
  constraints.finish();
}

/// Names are the user's own, so no key is unknown here. Tables are sorted by key, as the spec asks.
void read_environment(const toml::table& table, market::JobSpec& spec, Fault& fault) {
  for (const auto& [key, node] : table) {
    if (const auto* text = node.as_string()) {
      spec.environment.push_back({std::string(key.str()), text->get()});
    } else {
      fault.set(node.source(), "\"environment." + std::string(key.str().substr(0, 64)) +
                                   "\" must be text in quotes");
    }
  }
  std::sort(spec.environment.begin(), spec.environment.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
}

void read_inputs(const toml::array& tables, const std::filesystem::path& directory, JobFile& job,
                 Fault& fault) {
  struct Entry {
    market::InputFile input;
    std::filesystem::path file;
  };
  std::vector<Entry> entries;
  for (const toml::node& node : tables) {
    Section section(*node.as_table(), "input.", fault);
    Entry entry;
    std::string file;
    section.require("path", entry.input.path);
    section.require("file", file);
    section.read("executable", entry.input.executable);
    section.finish();
    entry.file = directory / file;
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.input.path < b.input.path; });
  for (Entry& entry : entries) {
    job.spec.inputs.push_back(std::move(entry.input));
    job.files.push_back(std::move(entry.file));
  }
}

void read_job(const toml::table& root, const std::filesystem::path& directory, JobFile& job,
              Fault& fault) {
  market::JobTerms& terms = job.terms;
  // One result and, if it is disputed, two more opinions.
  terms.replicas_max = 3;
  terms.match_within = seconds(600);
  terms.review = seconds(300);
  Section top(root, "", fault);
  top.require("command", job.spec.command);
  top.require("runtime", terms.runtime);
  top.require("price_max", terms.price_max);
  top.require("run_seconds", terms.run_seconds);
  top.read("tasks", terms.tasks);
  top.read("replicas_max", terms.replicas_max);
  top.read("margin", terms.margin);
  top.read("review_seconds", terms.review);
  top.read("match_seconds", terms.match_within);
  if (const auto* table = top.section("resources")) {
    read_resources(*table, terms, fault);
  } else {
    fault.set(root.source(), "the table [resources] is missing");
  }
  if (const auto* table = top.section("environment")) read_environment(*table, job.spec, fault);
  if (const auto* table = top.section("constraints")) read_constraints(*table, terms, fault);
  if (const auto* array = top.sections("input")) read_inputs(*array, directory, job, fault);
  top.finish();
}

}  // namespace

Result<JobFile> parse_job_file(std::string_view text, const std::filesystem::path& directory) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) return invalid(parsed.error().source(), std::string(parsed.error().description()));
  JobFile job;
  Fault fault;
  read_job(parsed.table(), directory, job, fault);
  if (fault.error) return *fault.error;
  if (const auto checked = market::check_spec(job.spec); !checked) {
    return Error{"job_file_invalid", checked.error().message};
  }
  return job;
}

Result<void> hash_inputs(JobFile& job) {
  for (std::size_t i = 0; i < job.files.size(); ++i) {
    TRY_ASSIGN(const Bytes content, read_file(job.files[i], kInputBytesMax));
    job.spec.inputs[i].size = content.size();
    job.spec.inputs[i].sha256 = sha256(content);
  }
  return {};
}

Result<JobFile> load_job_file(const std::filesystem::path& path) {
  TRY_ASSIGN(const Bytes text, read_file(path, kJobFileBytesMax));
  TRY_ASSIGN(JobFile job, parse_job_file(as_text(text), path.parent_path()));
  TRY(hash_inputs(job));
  return job;
}

}  // namespace bourse::wallet
