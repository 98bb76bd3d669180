// SPDX-License-Identifier: Apache-2.0
//
// The system calls that a job may not make. The namespaces contain a job; this filter keeps it away
// from the corners of the kernel where ways out of namespaces have been found before.
#pragma once

#include "base/files.hpp"
#include "base/result.hpp"

namespace bourse::provider {

/// A memory file with the compiled filter, at its beginning, as `bwrap --seccomp` reads it.
Result<UniqueFd> seccomp_filter();

}  // namespace bourse::provider
