// SPDX-License-Identifier: Apache-2.0
//
// A form to fill in for every transaction type, made from its field table: a new type gets its
// command-line flags here without a line of its own. Nested fields have dotted names, such as
// `terms.capacity.cpu_milli`; amounts are written in BRS.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json_fields.hpp"
#include "chain/tx.hpp"

namespace bourse::wallet {

struct FormField {
  std::string name;
  std::string doc;
  /// What a value looks like, for the help: BRS, ADDRESS, MS, HEX, NUMBER, TEXT, true|false, …
  std::string value_name;
  /// May be given any number of times.
  bool is_list = false;
  /// Texts and lists may be left out, which makes them empty.
  bool is_required = true;
};

struct OperationForm {
  std::string name;
  std::string doc;
  std::vector<FormField> fields;
  Result<chain::Operation> (*make)(const Json& json, JsonStyle style);
};

/// All of them, in the order of market/tx_types.hpp.
const std::vector<OperationForm>& operation_forms();
/// The one of that name, which must exist.
const OperationForm& operation_form(std::string_view name);

using FormValues = std::map<std::string, std::vector<std::string>>;

/// Error kinds: form_invalid for a value that is missing or wrong, with the field's name;
/// amount_invalid; those of the operation's own check.
Result<chain::Operation> fill(const OperationForm& form, const FormValues& values, JsonStyle style);

}  // namespace bourse::wallet
