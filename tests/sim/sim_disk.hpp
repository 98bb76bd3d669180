// SPDX-License-Identifier: Apache-2.0
//
// A disk in memory that knows which bytes and which names are synced, and loses the others when the
// power goes. It can also fail an operation, be full, have unreadable places and lie. Programs
// reach it through two faces: RocksDB's Env (sim_env) and the system calls (sim_posix). One seed
// gives the same disk every time; results are error numbers, 0 for success.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::sim {

class SimDisk {
 public:
  struct File;
  using FileRef = std::shared_ptr<File>;
  enum class Open { existing, truncated, exclusive };

  explicit SimDisk(std::uint64_t seed) : random_(seed) {}

  // --- What programs do
  int open(const std::string& path, Open how, FileRef& out);
  int append(const FileRef& file, std::string_view data);
  int write_at(const FileRef& file, std::uint64_t offset, std::string_view data);
  int truncate(const FileRef& file, std::uint64_t size);
  int sync(const FileRef& file);
  int sync_directory(const std::string& directory);
  int rename(const std::string& from, const std::string& to);
  int link(const std::string& from, const std::string& to);
  int remove(const std::string& path);
  int read(const FileRef& file, std::uint64_t offset, std::size_t count, std::string& out);
  int size(const std::string& path, std::uint64_t& out);
  std::vector<std::string> children(const std::string& directory);
  std::uint64_t free_bytes();

  // --- What happens to disks
  /// The power goes during the n-th changing operation from now: it is done or it is not, and
  /// everything after it fails until reboot().
  void crash_after(std::uint64_t operations);
  bool has_crashed() const { return crashed_; }
  /// What was not synced may be gone: of each file any number of its last unsynced bytes, and any
  /// number of the last changes of names. So do file systems that journal names and write data
  /// before sizes; on others a lost end may read as zeros.
  void reboot();
  /// The n-th changing operation from now fails, as fsync does: what it had to make durable never
  /// will be, whatever is synced later.
  void fail_after(std::uint64_t operations);
  void cancel_faults();
  /// From now on there is room for so many bytes more.
  void leave_room(std::uint64_t bytes);
  void make_room() { capacity_ = UINT64_MAX; }
  /// Makes one byte of some file unreadable; returns the file's name.
  std::string spoil_one_byte(const std::string& directory);
  void heal() { spoiled_.clear(); }
  /// sync() says that it did, and did not.
  void lie_about_sync() { lies_ = true; }

  /// Each operation in order, for a person to read.
  void print_log() { prints_ = true; }
  /// Equal for two runs that did the same in the same order.
  std::uint64_t log_hash() const { return log_hash_; }
  std::uint64_t operations() const { return operations_; }

 private:
  /// Changes of names that become durable together; no file means that the name goes.
  using NameChange = std::map<std::string, FileRef>;
  enum class Fate { done, failed, lost_power, done_then_lost_power };

  Fate begin(const char* what, const std::string& name, std::uint64_t size);
  int finish(Fate fate, int code);
  int write(const FileRef& file, std::uint64_t offset, std::string_view data);
  int change(const char* what, const std::string& name, NameChange change);
  void lose_unsynced_bytes(File& file);
  std::uint64_t used() const;
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  // RocksDB reads from several threads while it opens.
  std::recursive_mutex mutex_;
  std::mt19937_64 random_;
  std::map<std::string, FileRef> names_;
  std::map<std::string, FileRef> durable_names_;
  std::vector<NameChange> unsynced_changes_;
  std::map<FileRef, std::uint64_t> spoiled_;
  std::uint64_t capacity_ = UINT64_MAX;
  std::uint64_t operations_ = 0;
  std::uint64_t crash_at_ = 0;
  std::uint64_t fail_at_ = 0;
  std::uint64_t log_hash_ = 0;
  bool crashed_ = false;
  bool lies_ = false;
  bool prints_ = false;
};

struct SimDisk::File {
  struct Write {
    std::uint64_t offset;
    std::string data;
  };
  std::string name;  // for the log
  std::string bytes;
  std::string durable;
  std::vector<Write> unsynced;
};

}  // namespace bourse::sim
