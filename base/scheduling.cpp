// SPDX-License-Identifier: Apache-2.0
#include "base/scheduling.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace bourse {
namespace {

/// Beside a thread of the usual priority one of this gets a quarter of the time: enough to be done.
constexpr int kNiceBehind = 5;

void set_policy(int policy) {
  const sched_param none{};
  ::sched_setscheduler(0, policy, &none);
}

}  // namespace

void run_in_bulk() { set_policy(SCHED_BATCH); }

void run_promptly() { set_policy(SCHED_OTHER); }

void run_behind() { ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceBehind); }

}  // namespace bourse
