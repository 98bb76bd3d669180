// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/sim_env.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/system_clock.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>

namespace bourse::sim {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus status(int code, const std::string& name) {
  switch (code) {
    case 0:
      return IOStatus::OK();
    case ENOENT:
      return IOStatus::PathNotFound(name);
    case ENOSPC:
      return IOStatus::NoSpace(name);
    default:
      return IOStatus::IOError(name, std::strerror(code));
  }
}

/// RocksDB writes some paths with two slashes.
std::string tidy(std::string path) {
  for (std::size_t at; (at = path.find("//")) != std::string::npos;) path.erase(at, 1);
  if (path.ends_with('/')) path.pop_back();
  return path;
}

IOStatus read(SimDisk& disk, const SimDisk::FileRef& file, std::uint64_t offset, std::size_t count,
              Slice* result, char* scratch) {
  std::string bytes;
  const int code = disk.read(file, offset, count, bytes);
  std::memcpy(scratch, bytes.data(), bytes.size());
  *result = Slice(scratch, code == 0 ? bytes.size() : 0);
  return status(code, file->name);
}

class SequentialFile : public rocksdb::FSSequentialFile {
 public:
  SequentialFile(SimDisk& disk, SimDisk::FileRef file) : disk_(disk), file_(std::move(file)) {}
  IOStatus Read(size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    const IOStatus out = read(disk_, file_, at_, n, result, scratch);
    at_ += result->size();
    return out;
  }
  IOStatus Skip(uint64_t n) override {
    at_ += n;
    return IOStatus::OK();
  }

 private:
  SimDisk& disk_;
  SimDisk::FileRef file_;
  std::uint64_t at_ = 0;
};

class RandomAccessFile : public rocksdb::FSRandomAccessFile {
 public:
  RandomAccessFile(SimDisk& disk, SimDisk::FileRef file) : disk_(disk), file_(std::move(file)) {}
  IOStatus Read(uint64_t offset, size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    return read(disk_, file_, offset, n, result, scratch);
  }

 private:
  SimDisk& disk_;
  SimDisk::FileRef file_;
};

class WritableFile : public rocksdb::FSWritableFile {
 public:
  WritableFile(SimDisk& disk, SimDisk::FileRef file) : disk_(disk), file_(std::move(file)) {}
  using rocksdb::FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    return status(disk_.append(file_, data.ToStringView()), file_->name);
  }
  IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
    return status(disk_.truncate(file_, size), file_->name);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return status(disk_.sync(file_), file_->name);
  }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return file_->bytes.size(); }

 private:
  SimDisk& disk_;
  SimDisk::FileRef file_;
};

class Directory : public rocksdb::FSDirectory {
 public:
  Directory(SimDisk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return status(disk_.sync_directory(path_), path_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  SimDisk& disk_;
  const std::string path_;
};

class NoLock : public rocksdb::FileLock {};

class FileSystem : public rocksdb::FileSystem {
 public:
  explicit FileSystem(SimDisk& disk) : disk_(disk) {}
  const char* Name() const override { return "simulated"; }

  IOStatus NewSequentialFile(const std::string& name, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext*) override {
    return open<SequentialFile>(name, SimDisk::Open::existing, result);
  }
  IOStatus NewRandomAccessFile(const std::string& name, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               IODebugContext*) override {
    return open<RandomAccessFile>(name, SimDisk::Open::existing, result);
  }
  IOStatus NewWritableFile(const std::string& name, const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext*) override {
    return open<WritableFile>(name, SimDisk::Open::truncated, result);
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>* result,
                              IODebugContext*) override {
    return open<WritableFile>(name, SimDisk::Open::existing, result);
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) override {
    *result = std::make_unique<Directory>(disk_, tidy(name));
    return IOStatus::OK();
  }

  IOStatus FileExists(const std::string& name, const IOOptions&, IODebugContext*) override {
    std::uint64_t size = 0;
    const int code = disk_.size(tidy(name), size);
    return code == ENOENT ? IOStatus::NotFound(name) : status(code, name);
  }
  IOStatus GetFileSize(const std::string& name, const IOOptions&, uint64_t* size,
                       IODebugContext*) override {
    return status(disk_.size(tidy(name), *size), name);
  }
  IOStatus GetChildren(const std::string& directory, const IOOptions&,
                       std::vector<std::string>* result, IODebugContext*) override {
    *result = disk_.children(tidy(directory));
    return disk_.has_crashed() ? status(EIO, directory) : IOStatus::OK();
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                      IODebugContext*) override {
    return status(disk_.rename(tidy(from), tidy(to)), from);
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions&,
                    IODebugContext*) override {
    return status(disk_.link(tidy(from), tidy(to)), from);
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions&, IODebugContext*) override {
    return status(disk_.remove(tidy(name)), name);
  }
  IOStatus GetFreeSpace(const std::string&, const IOOptions&, uint64_t* free,
                        IODebugContext*) override {
    *free = disk_.free_bytes();
    return IOStatus::OK();
  }

  // Directories are always there, times are not kept, and nobody else uses the disk.
  IOStatus CreateDir(const std::string&, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus CreateDirIfMissing(const std::string&, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus DeleteDir(const std::string&, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus IsDirectory(const std::string&, const IOOptions&, bool* is_directory,
                       IODebugContext*) override {
    *is_directory = true;
    return IOStatus::OK();
  }
  IOStatus GetFileModificationTime(const std::string&, const IOOptions&, uint64_t* time,
                                   IODebugContext*) override {
    *time = 0;
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string*, IODebugContext*) override {
    return IOStatus::NotSupported();
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* out,
                           IODebugContext*) override {
    *out = path;
    return IOStatus::OK();
  }
  IOStatus LockFile(const std::string&, const IOOptions&, rocksdb::FileLock** lock,
                    IODebugContext*) override {
    *lock = new NoLock;
    return IOStatus::OK();
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    delete lock;
    return IOStatus::OK();
  }

 private:
  template <class Kind, class Base>
  IOStatus open(const std::string& name, SimDisk::Open how, std::unique_ptr<Base>* result) {
    SimDisk::FileRef file;
    const int code = disk_.open(tidy(name), how, file);
    if (code == 0) *result = std::make_unique<Kind>(disk_, std::move(file));
    return status(code, name);
  }

  SimDisk& disk_;
};

class Clock : public rocksdb::SystemClockWrapper {
 public:
  Clock() : rocksdb::SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "simulated"; }
  uint64_t NowMicros() override { return ms * 1000; }
  uint64_t NowNanos() override { return ms * 1'000'000; }
  void SleepForMicroseconds(int) override {}
  rocksdb::Status GetCurrentTime(int64_t* seconds) override {
    *seconds = static_cast<int64_t>(ms / 1000);
    return rocksdb::Status::OK();
  }
  std::atomic<std::uint64_t> ms{0};
};

class Env : public rocksdb::EnvWrapper {
 public:
  Env(const std::shared_ptr<rocksdb::FileSystem>& files, const std::shared_ptr<Clock>& clock)
      : rocksdb::EnvWrapper(rocksdb::NewCompositeEnv(files)) {
    file_system_ = files;
    system_clock_ = clock;
  }
  const char* Name() const override { return "simulated"; }

  void Schedule(void (*function)(void*), void* argument, Priority, void* tag,
                void (*unschedule)(void*)) override {
    jobs.push_back({function, argument, tag, unschedule});
  }
  int UnSchedule(void* tag, Priority) override {
    int count = 0;
    std::deque<Job> kept;
    for (const Job& job : std::exchange(jobs, {})) {
      if (job.tag != tag) {
        kept.push_back(job);
        continue;
      }
      if (job.unschedule) job.unschedule(job.argument);
      ++count;
    }
    jobs = std::move(kept);
    return count;
  }
  unsigned int GetThreadPoolQueueLen(Priority) const override {
    return static_cast<unsigned int>(jobs.size());
  }
  void SetBackgroundThreads(int, Priority) override {}
  int GetBackgroundThreads(Priority) override { return 1; }
  void IncBackgroundThreadsIfNeeded(int, Priority) override {}

  struct Job {
    void (*function)(void*);
    void* argument;
    void* tag;
    void (*unschedule)(void*);
  };
  std::deque<Job> jobs;
};

}  // namespace

struct SimEnv::Impl {
  explicit Impl(SimDisk& disk) : files(std::make_shared<FileSystem>(disk)), env(files, clock) {}
  std::shared_ptr<rocksdb::FileSystem> files;
  std::shared_ptr<Clock> clock = std::make_shared<Clock>();
  Env env;
};

SimEnv::SimEnv(SimDisk& disk) : impl_(std::make_unique<Impl>(disk)) {}
SimEnv::~SimEnv() = default;
rocksdb::Env* SimEnv::get() const { return &impl_->env; }
void SimEnv::set_time(std::uint64_t ms) { impl_->clock->ms = ms; }

bool SimEnv::run_background_job() {
  if (impl_->env.jobs.empty()) return false;
  const Env::Job job = impl_->env.jobs.front();
  impl_->env.jobs.pop_front();
  job.function(job.argument);
  return true;
}

}  // namespace bourse::sim
