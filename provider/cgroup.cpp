// SPDX-License-Identifier: Apache-2.0
#include "provider/cgroup.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <sstream>
#include <system_error>
#include <thread>

#include "base/files.hpp"

namespace bourse::provider {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kControlFileMax = 1 << 20;
constexpr std::uint64_t kCpuPeriodUs = 100'000;
constexpr std::uint64_t kCpuQuotaUsMin = 1000;  // The kernel refuses less.
constexpr std::chrono::seconds kRemoveWithin{5};
constexpr const char* kAgentLeaf = "bourse-agent";

std::string read_text(const fs::path& path) {
  const auto bytes = read_file(path, kControlFileMax);
  return bytes ? std::string(as_text(*bytes)) : std::string();
}

/// Control files take a value in one write, and must exist already.
bool write_value(const fs::path& path, std::string_view value) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file &&
         ::write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size());
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in{std::string(text)};
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

bool contains(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

/// Opens the controllers of a v2 group to its children. A group that has processes of its own may
/// not do that, so an agent that is alone in its group first moves into a leaf.
bool open_to_children(const fs::path& group) {
  const auto enable = [&] {
    for (const char* controller : {"+memory", "+pids", "+cpu"}) {
      if (!write_value(group / "cgroup.subtree_control", controller)) return false;
    }
    return true;
  };
  if (enable()) return true;
  const std::string self = std::to_string(::getpid());
  if (read_text(group / "cgroup.procs") != self + "\n") return false;
  const fs::path leaf = group / kAgentLeaf;
  if (::mkdir(leaf.c_str(), 0755) != 0 && errno != EEXIST) return false;
  return write_value(leaf / "cgroup.procs", self) && enable();
}

bool can_make_groups(const fs::path& directory, const std::string& name) {
  const fs::path probe = directory / name;
  if (::mkdir(probe.c_str(), 0755) != 0) return false;
  return ::rmdir(probe.c_str()) == 0;
}

/// v1 groups are made at the root of the hierarchy where that is allowed, because the agent's own
/// group may be smaller than the machine; v2 groups below the agent's own, as delegation wants it.
std::vector<CgroupParent> usable_parents(const std::vector<CgroupMount>& mounts,
                                         const std::string& probe_name) {
  std::vector<CgroupParent> parents;
  bool memory = false, pids = false, cpu = false;
  for (const CgroupMount& mount : mounts) {
    fs::path own = mount.directory / fs::path(mount.own_path).relative_path();
    // A process that looks twice has already moved.
    if (own.filename() == kAgentLeaf) own = own.parent_path();
    const std::vector<fs::path> candidates = mount.v2 ? std::vector<fs::path>{own, mount.directory}
                                                      : std::vector<fs::path>{mount.directory, own};
    for (const fs::path& directory : candidates) {
      auto controllers = mount.controllers;
      if (mount.v2) {
        controllers = split(read_text(directory / "cgroup.controllers"), ' ');
        if (!controllers.empty() && controllers.back().ends_with('\n')) {
          controllers.back().pop_back();
        }
      }
      const CgroupParent parent{directory, mount.v2, !memory && contains(controllers, "memory"),
                                !pids && contains(controllers, "pids"),
                                !cpu && contains(controllers, "cpu")};
      if (!parent.memory && !parent.pids && !parent.cpu) continue;
      if (mount.v2 && !open_to_children(directory)) continue;
      if (!can_make_groups(directory, probe_name)) continue;
      memory |= parent.memory, pids |= parent.pids, cpu |= parent.cpu;
      parents.push_back(parent);
      break;
    }
  }
  return parents;
}

void kill_members(const fs::path& group) {
  if (write_value(group / "cgroup.kill", "1")) return;  // Linux 5.14, v2 only.
  for (const std::string& line : split(read_text(group / "cgroup.procs"), '\n')) {
    if (const pid_t pid = static_cast<pid_t>(std::atol(line.c_str())); pid > 1) {
      ::kill(pid, SIGKILL);
    }
  }
}

/// A group cannot be removed before the kernel has buried its last process.
void remove_group(const fs::path& group, bool kill_first) {
  const auto deadline = std::chrono::steady_clock::now() + kRemoveWithin;
  while (::rmdir(group.c_str()) != 0 && errno == EBUSY) {
    if (std::chrono::steady_clock::now() > deadline) return;  // The next sweep tries again.
    if (kill_first) kill_members(group);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace

std::vector<CgroupMount> parse_cgroup_mounts(std::string_view mountinfo,
                                             std::string_view self_cgroup) {
  std::vector<CgroupMount> mounts;
  for (const std::string& line : split(mountinfo, '\n')) {
    // "36 35 98:0 /root /mount/point options … - type source super,options" (proc(5)).
    const auto fields = split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 5 || fields.end() - dash < 4) continue;
    if (dash[1] != "cgroup" && dash[1] != "cgroup2") continue;
    CgroupMount mount{fields[4], dash[1] == "cgroup2", {}, "/"};
    if (!mount.v2) mount.controllers = split(dash[3], ',');
    for (const std::string& entry : split(self_cgroup, '\n')) {
      // "4:memory:/path", and "0::/path" for v2 (cgroups(7)).
      const auto parts = split(entry, ':');
      if (parts.size() < 3) continue;
      const auto names = split(parts[1], ',');
      const bool same = mount.v2 ? parts[1].empty()
                                 : !names.empty() && contains(mount.controllers, names.front());
      if (same) mount.own_path = parts[2];
    }
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

std::vector<std::pair<std::string, std::string>> cgroup_settings(const CgroupParent& parent,
                                                                 const CgroupLimits& limits) {
  std::vector<std::pair<std::string, std::string>> out;
  const std::string memory = std::to_string(limits.memory_bytes);
  const std::string quota =
      std::to_string(std::max(limits.cpu_milli * (kCpuPeriodUs / 1000), kCpuQuotaUsMin));
  const std::string period = std::to_string(kCpuPeriodUs);
  if (parent.memory && parent.v2) {
    out = {{"memory.max", memory}, {"memory.swap.max", "0"}, {"memory.oom.group", "1"}};
  } else if (parent.memory) {
    // The sum with swap may not be below the limit, so it comes second.
    out = {{"memory.limit_in_bytes", memory}, {"memory.memsw.limit_in_bytes", memory}};
  }
  if (parent.pids) out.emplace_back("pids.max", std::to_string(limits.processes_max));
  if (parent.cpu && parent.v2) out.emplace_back("cpu.max", quota + " " + period);
  if (parent.cpu && !parent.v2) {
    out.emplace_back("cpu.cfs_period_us", period);
    out.emplace_back("cpu.cfs_quota_us", quota);
  }
  return out;
}

std::uint64_t counter_in(std::string_view text, std::string_view key) {
  for (const std::string& line : split(text, '\n')) {
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
      return std::strtoull(line.c_str() + key.size() + 1, nullptr, 10);
    }
  }
  return 0;
}

Cgroup::~Cgroup() {
  for (const Member& member : members_) remove_group(member.directory, true);
}

Result<void> Cgroup::add(pid_t process) const {
  for (const Member& member : members_) {
    if (!write_value(member.directory / "cgroup.procs", std::to_string(process))) {
      return Error{"cgroup_failed", "Cannot move a process into " + member.directory.string() +
                                        ": " + std::generic_category().message(errno) + "."};
    }
  }
  return {};
}

std::uint64_t Cgroup::oom_kills() const {
  for (const Member& member : members_) {
    if (!member.parent.memory) continue;
    const char* file = member.parent.v2 ? "memory.events" : "memory.oom_control";
    return counter_in(read_text(member.directory / file), "oom_kill");
  }
  return 0;
}

std::uint64_t Cgroup::forks_refused() const {
  for (const Member& member : members_) {
    if (member.parent.pids) return counter_in(read_text(member.directory / "pids.events"), "max");
  }
  return 0;
}

Cgroups Cgroups::detect(std::string instance) {
  Cgroups found;
  found.prefix_ = "bourse." + std::move(instance) + ".";
  const auto mounts =
      parse_cgroup_mounts(read_text("/proc/self/mountinfo"), read_text("/proc/self/cgroup"));
  found.parents_ = usable_parents(mounts, found.prefix_ + "probe-" + std::to_string(::getpid()));
  return found;
}

bool Cgroups::has_memory() const {
  return std::any_of(parents_.begin(), parents_.end(), [](const auto& p) { return p.memory; });
}
bool Cgroups::has_pids() const {
  return std::any_of(parents_.begin(), parents_.end(), [](const auto& p) { return p.pids; });
}
bool Cgroups::has_cpu() const {
  return std::any_of(parents_.begin(), parents_.end(), [](const auto& p) { return p.cpu; });
}

Result<Cgroup> Cgroups::create(const std::string& name, const CgroupLimits& limits) const {
  Cgroup group;
  for (const CgroupParent& parent : parents_) {
    const fs::path directory = parent.directory / (prefix_ + name);
    if (::mkdir(directory.c_str(), 0755) != 0) {
      return Error{"cgroup_failed", "Cannot make " + directory.string() + ": " +
                                        std::generic_category().message(errno) + "."};
    }
    group.members_.push_back({directory, parent});
    for (const auto& [file, value] : cgroup_settings(parent, limits)) {
      // Kernels without swap accounting have no swap limit to set.
      const fs::path path = directory / file;
      const bool optional = file.find("sw") != std::string::npos;
      if (write_value(path, value) || (optional && !fs::exists(path))) continue;
      return Error{"cgroup_failed", "Cannot set " + path.string() + " to " + value + ": " +
                                        std::generic_category().message(errno) + "."};
    }
  }
  return group;
}

void Cgroups::sweep() const {
  for (const CgroupParent& parent : parents_) {
    std::vector<fs::path> stale;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(parent.directory, ignored)) {
      if (entry.path().filename().string().starts_with(prefix_)) stale.push_back(entry.path());
    }
    for (const fs::path& group : stale) remove_group(group, true);
  }
}

}  // namespace bourse::provider
