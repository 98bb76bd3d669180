// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/sim_disk.hpp"

#include <cerrno>
#include <cstdio>

#include "base/check.hpp"

namespace bourse::sim {
namespace {

using Lock = std::lock_guard<std::recursive_mutex>;

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

void put(std::string& bytes, std::uint64_t offset, std::string_view data) {
  if (bytes.size() < offset + data.size()) bytes.resize(offset + data.size(), '\0');
  bytes.replace(offset, data.size(), data);
}

}  // namespace

// --- The fate of an operation -------------------------------------------------------------------

SimDisk::Fate SimDisk::begin(const char* what, const std::string& name, std::uint64_t size) {
  ++operations_;
  Fate fate = crashed_ ? Fate::lost_power : Fate::done;
  if (operations_ == crash_at_) {
    crashed_ = true;
    fate = below(2) == 0 ? Fate::lost_power : Fate::done_then_lost_power;
  } else if (operations_ == fail_at_) {
    fail_at_ = 0;
    fate = Fate::failed;
  }
  for (const char c : what + (' ' + name)) {
    log_hash_ = (log_hash_ ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  }
  log_hash_ = (log_hash_ ^ size ^ static_cast<std::uint64_t>(fate) << 56) * 0x100000001b3;
  if (prints_) {
    static constexpr const char* kFates[] = {"", " FAILS", " LOST POWER", " DONE, LOST POWER"};
    std::printf("%8llu %-8s %s %llu%s\n", static_cast<unsigned long long>(operations_), what,
                name.c_str(), static_cast<unsigned long long>(size),
                kFates[static_cast<std::size_t>(fate)]);
  }
  return fate;
}

int SimDisk::finish(Fate fate, int code) { return fate == Fate::done ? code : EIO; }

void SimDisk::crash_after(std::uint64_t operations) { crash_at_ = operations_ + operations; }
void SimDisk::fail_after(std::uint64_t operations) { fail_at_ = operations_ + operations; }
void SimDisk::cancel_faults() { crash_at_ = fail_at_ = 0; }

// --- Bytes --------------------------------------------------------------------------------------

int SimDisk::open(const std::string& path, Open how, FileRef& out) {
  const Lock lock(mutex_);
  const auto found = names_.find(path);
  if (how == Open::existing) {
    if (found == names_.end()) return ENOENT;
    out = found->second;
    return crashed_ ? EIO : 0;
  }
  if (how == Open::exclusive && found != names_.end()) return EEXIST;
  auto file = std::make_shared<File>();
  file->name = base_name(path);
  const int code = change("create", file->name, {{path, file}});
  if (code == 0) out = std::move(file);
  return code;
}

int SimDisk::append(const FileRef& file, std::string_view data) {
  const Lock lock(mutex_);
  return write(file, file->bytes.size(), data);
}

int SimDisk::write_at(const FileRef& file, std::uint64_t offset, std::string_view data) {
  const Lock lock(mutex_);
  return write(file, offset, data);
}

int SimDisk::write(const FileRef& file, std::uint64_t offset, std::string_view data) {
  const Fate fate = begin("write", file->name, data.size());
  if (fate == Fate::lost_power) return EIO;
  int code = 0;
  if (fate == Fate::failed) data = data.substr(0, below(data.size() + 1));
  const std::uint64_t end = offset + data.size();
  const std::uint64_t growth = end > file->bytes.size() ? end - file->bytes.size() : 0;
  if (const std::uint64_t room = free_bytes(); growth > room) {
    data = data.substr(0, data.size() - (growth - room));
    code = ENOSPC;
  }
  put(file->bytes, offset, data);
  file->unsynced.push_back({offset, std::string(data)});
  return finish(fate, code);
}

int SimDisk::truncate(const FileRef& file, std::uint64_t size) {
  const Lock lock(mutex_);
  const Fate fate = begin("truncate", file->name, size);
  if (fate == Fate::lost_power || fate == Fate::failed) return EIO;
  // RocksDB cuts a file at its own end only, to give back what was allocated in advance.
  CHECK(size == file->bytes.size());
  return finish(fate, 0);
}

int SimDisk::sync(const FileRef& file) {
  const Lock lock(mutex_);
  const Fate fate = begin("sync", file->name, 0);
  if (fate == Fate::lost_power) return EIO;
  if (fate != Fate::failed && !lies_) {
    for (const auto& [offset, data] : file->unsynced) put(file->durable, offset, data);
  }
  if (!lies_) file->unsynced.clear();
  return finish(fate, 0);
}

int SimDisk::read(const FileRef& file, std::uint64_t offset, std::size_t count, std::string& out) {
  const Lock lock(mutex_);
  out.clear();
  if (crashed_) return EIO;
  if (offset >= file->bytes.size()) return 0;
  out = file->bytes.substr(offset, count);
  const auto spoiled = spoiled_.find(file);
  const bool is_hit = spoiled != spoiled_.end() && spoiled->second >= offset &&
                      spoiled->second < offset + out.size();
  return is_hit ? EIO : 0;
}

// --- Names --------------------------------------------------------------------------------------

int SimDisk::change(const char* what, const std::string& name, NameChange change) {
  const Fate fate = begin(what, name, 0);
  if (fate == Fate::lost_power || fate == Fate::failed) return EIO;
  for (const auto& [path, file] : change) {
    if (file) {
      names_[path] = file;
    } else {
      names_.erase(path);
    }
  }
  unsynced_changes_.push_back(std::move(change));
  return finish(fate, 0);
}

int SimDisk::rename(const std::string& from, const std::string& to) {
  const Lock lock(mutex_);
  const auto found = names_.find(from);
  if (found == names_.end()) return ENOENT;
  return change("rename", base_name(from) + " " + base_name(to),
                {{from, nullptr}, {to, found->second}});
}

int SimDisk::link(const std::string& from, const std::string& to) {
  const Lock lock(mutex_);
  const auto found = names_.find(from);
  if (found == names_.end()) return ENOENT;
  if (names_.contains(to)) return EEXIST;
  return change("link", base_name(from) + " " + base_name(to), {{to, found->second}});
}

int SimDisk::remove(const std::string& path) {
  const Lock lock(mutex_);
  if (!names_.contains(path)) return ENOENT;
  return change("remove", base_name(path), {{path, nullptr}});
}

int SimDisk::sync_directory(const std::string& directory) {
  const Lock lock(mutex_);
  const Fate fate = begin("syncdir", base_name(directory), 0);
  if (fate == Fate::lost_power || fate == Fate::failed) return EIO;
  if (lies_) return finish(fate, 0);
  std::erase_if(unsynced_changes_, [&](const NameChange& change) {
    if (directory_of(change.begin()->first) != directory) return false;
    for (const auto& [path, file] : change) durable_names_[path] = file;
    return true;
  });
  return finish(fate, 0);
}

int SimDisk::size(const std::string& path, std::uint64_t& out) {
  const Lock lock(mutex_);
  const auto found = names_.find(path);
  if (found == names_.end()) return ENOENT;
  out = found->second->bytes.size();
  return crashed_ ? EIO : 0;
}

std::vector<std::string> SimDisk::children(const std::string& directory) {
  const Lock lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [path, file] : names_) {
    if (directory_of(path) == directory) out.push_back(base_name(path));
  }
  return out;
}

std::uint64_t SimDisk::used() const {
  std::uint64_t out = 0;
  for (const auto& [path, file] : names_) out += file->bytes.size();
  return out;
}

std::uint64_t SimDisk::free_bytes() {
  const Lock lock(mutex_);
  if (capacity_ == UINT64_MAX) return UINT64_MAX / 2;
  const std::uint64_t taken = used();
  return taken < capacity_ ? capacity_ - taken : 0;
}

void SimDisk::leave_room(std::uint64_t bytes) { capacity_ = used() + bytes; }

// --- Accidents ----------------------------------------------------------------------------------

void SimDisk::lose_unsynced_bytes(File& file) {
  const std::size_t whole = below(file.unsynced.size() + 1);
  for (std::size_t i = 0; i < whole; ++i) {
    put(file.durable, file.unsynced[i].offset, file.unsynced[i].data);
  }
  // The next one is torn anywhere, or nothing of it is there: most files are new and short.
  if (whole < file.unsynced.size() && below(2) == 0) {
    const auto& [offset, data] = file.unsynced[whole];
    put(file.durable, offset, data.substr(0, below(data.size() + 1)));
  }
  file.bytes = file.durable;
  file.unsynced.clear();
}

void SimDisk::reboot() {
  const Lock lock(mutex_);
  const std::size_t kept = below(unsynced_changes_.size() + 1);
  for (std::size_t i = 0; i < kept; ++i) {
    for (const auto& [path, file] : unsynced_changes_[i]) durable_names_[path] = file;
  }
  unsynced_changes_.clear();
  std::erase_if(durable_names_, [](const auto& entry) { return !entry.second; });
  std::set<FileRef> done;  // A file may have two names.
  for (const auto& [path, file] : durable_names_) {
    if (done.insert(file).second) lose_unsynced_bytes(*file);
  }
  names_ = durable_names_;
  crashed_ = false;
  cancel_faults();
  if (prints_) std::printf("         reboot\n");
}

std::string SimDisk::spoil_one_byte(const std::string& directory) {
  const Lock lock(mutex_);
  std::vector<FileRef> files;
  for (const auto& [path, file] : names_) {
    if (directory_of(path) == directory && !file->bytes.empty()) files.push_back(file);
  }
  if (files.empty()) return "";
  const FileRef& file = files[below(files.size())];
  spoiled_[file] = below(file->bytes.size());
  return file->name;
}

}  // namespace bourse::sim
