// SPDX-License-Identifier: Apache-2.0
#include "market/json.hpp"

namespace bourse {

#define BOURSE_DEFINE(T)                                                          \
  template Json to_json<market::T>(const market::T&, JsonStyle);                  \
  template Result<void> from_json<market::T>(const Json&, market::T&, JsonStyle); \
  template Json json_schema<market::T>();
BOURSE_JSON_STRUCTS(BOURSE_DEFINE)
#undef BOURSE_DEFINE

}  // namespace bourse
