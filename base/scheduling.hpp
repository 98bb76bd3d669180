// SPDX-License-Identifier: Apache-2.0
//
// How the threads of a process share the processors. A thread starts in the way of the one that
// makes it. Where the kernel refuses, everything works as before, a little slower.
#pragma once

namespace bourse {

/// For work that comes in bulk: when this thread wakes it waits for its turn. Were it to interrupt
/// whoever runs, a loaded machine would switch for every request.
void run_in_bulk();
/// For work that others wait for: when this thread wakes it may interrupt the others.
void run_promptly();
/// For work that nobody waits for: the others get most of the processor.
void run_behind();

}  // namespace bourse
