// SPDX-License-Identifier: Apache-2.0
//
// Watching one run: draining its output, ending it at its limits, and knowing that it is gone.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <stop_token>

#include "base/bytes.hpp"
#include "base/files.hpp"
#include "base/quantity.hpp"
#include "base/result.hpp"
#include "provider/cgroup.hpp"

namespace bourse::provider {

/// The agent's ends of the pipes of a run.
struct RunPipes {
  UniqueFd standard_output;
  UniqueFd standard_error;
  /// Where bubblewrap writes JSON: the job's process id at the start, its exit code at the end.
  UniqueFd status;
};

struct CapturedStream {
  Bytes kept;
  bool truncated = false;
};

enum class Stopped : std::uint8_t { no, time, memory, cancelled };

struct Watched {
  Stopped stopped = Stopped::no;
  /// The job's exit code; nothing when bubblewrap ended before or without it.
  std::optional<std::int32_t> exit_code;
  CapturedStream standard_output;
  CapturedStream standard_error;
  DurationMs elapsed;
};

/// Returns when every process of the run has ended, by itself or for one of the reasons of Stopped:
/// bubblewrap reports only after the kernel has emptied the process namespace of the job.
Watched watch_run(pid_t bubblewrap, RunPipes pipes, DurationMs time_limit, std::uint64_t stream_max,
                  const Cgroup& group, const std::stop_token& cancel);

}  // namespace bourse::provider
