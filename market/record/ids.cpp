// SPDX-License-Identifier: Apache-2.0
#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "market/record/assignment.hpp"
#include "market/record/task.hpp"

namespace bourse::market {
namespace {

/// The first 16 bytes of tagged hash `tag` of (parent, number). SPEC 2.4.
template <class Id, class Parent>
Id derived_id(std::string_view tag, const Parent& parent, std::uint32_t number) {
  CborWriter out;
  out.array(2);
  write(out, parent);
  write(out, number);
  const Hash hash = tagged_hash(tag, out.take());
  return *Id::from(ByteView(hash.bytes).first(Id::size()));
}

}  // namespace

TaskId task_id(const JobId& job, std::uint32_t index) {
  return derived_id<TaskId>("bourse/task", job, index);
}

AssignmentId assignment_id(const TaskId& task, std::uint32_t attempt) {
  return derived_id<AssignmentId>("bourse/assignment", task, attempt);
}

}  // namespace bourse::market
