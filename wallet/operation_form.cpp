// SPDX-License-Identifier: Apache-2.0
#include "wallet/operation_form.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "market/job_spec.hpp"
#include "market/tx_types.hpp"

namespace bourse::wallet {
namespace {

constexpr std::string_view kBrs = "BRS";
constexpr std::string_view kBool = "true|false";

template <class T>
std::string value_name() {
  if constexpr (std::is_same_v<T, Amount>) {
    return std::string(kBrs);
  } else if constexpr (std::is_same_v<T, Address>) {
    return "ADDRESS";
  } else if constexpr (std::is_same_v<T, DurationMs> || std::is_same_v<T, TimeMs>) {
    return "MS";
  } else if constexpr (std::is_same_v<T, bool>) {
    return std::string(kBool);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return "TEXT";
  } else if constexpr (NamedEnum<T>) {
    std::string names;
    for (const std::string_view name : enum_names(T{})) {
      names += (names.empty() ? "" : "|") + std::string(name);
    }
    return names;
  } else if constexpr (std::is_integral_v<T>) {
    return "NUMBER";
  } else {
    return "0xHEX";
  }
}

template <class T>
struct ListItem {
  using type = T;
  static constexpr bool is_list = false;
};
template <class T>
struct ListItem<std::vector<T>> {
  using type = T;
  static constexpr bool is_list = true;
};
template <class T>
struct ListItem<Shared<T>> : ListItem<T> {};
/// Bytes are one value, not a list of numbers.
template <>
struct ListItem<Bytes> {
  using type = Bytes;
  static constexpr bool is_list = false;
};

template <HasFields T>
void add_fields(const std::string& prefix, std::vector<FormField>& out) {
  for_each_field_of<T>([&]<class S, class M>(const Field<S, M>& field) {
    const std::string name = prefix + std::string(field.name);
    if constexpr (HasFields<M>) {
      add_fields<M>(name + ".", out);
    } else {
      using Item = ListItem<M>;
      static_assert(!HasFields<typename Item::type>, "a list of structs has no flags");
      const bool may_be_empty = Item::is_list || std::is_same_v<typename Item::type, std::string>;
      out.push_back({name, std::string(field.doc), value_name<typename Item::type>(), Item::is_list,
                     !may_be_empty});
    }
  });
}

template <market::TxType T>
Result<chain::Operation> make_operation(const Json& json, JsonStyle style) {
  T tx{};
  if (const auto read = from_json(json, tx, style); !read) {
    return Error{"form_invalid", read.error().message};
  }
  if (const auto checked = check(tx); checked.has_error()) return market::to_error(checked.error());
  return market::to_operation(tx);
}

Result<Json> value_of(const FormField& field, const std::string& text) {
  if (field.value_name == kBrs) {
    const auto amount = market::parse_brs(text);
    if (!amount) return Error{amount.error().kind, field.name + ": " + amount.error().message};
    return Result<Json>(boost::system::in_place_value, std::to_string(amount->value()));
  }
  if (field.value_name == kBool && (text == "true" || text == "false")) {
    return Result<Json>(boost::system::in_place_value, text == "true");
  }
  return Result<Json>(boost::system::in_place_value, text);
}

/// The place of a dotted name in an object, made on the way.
Json& at(Json& object, std::string_view name) {
  Json* place = &object;
  for (;;) {
    const auto dot = name.find('.');
    place = &(*place)[std::string(name.substr(0, dot))];
    if (dot == name.npos) return *place;
    name.remove_prefix(dot + 1);
  }
}

}  // namespace

const std::vector<OperationForm>& operation_forms() {
  static const std::vector<OperationForm> forms = [] {
    std::vector<OperationForm> out;
    market::TxTypes::for_each([&]<class T>(const T&) {
      OperationForm form{std::string(T::name), std::string(T::doc), {}, make_operation<T>};
      add_fields<T>("", form.fields);
      out.push_back(std::move(form));
    });
    return out;
  }();
  return forms;
}

const OperationForm& operation_form(std::string_view name) {
  const auto& forms = operation_forms();
  const auto found = std::find_if(forms.begin(), forms.end(),
                                  [&](const OperationForm& form) { return form.name == name; });
  CHECK(found != forms.end());
  return *found;
}

Result<chain::Operation> fill(const OperationForm& form, const FormValues& values,
                              JsonStyle style) {
  Json json = Json::object();
  for (const FormField& field : form.fields) {
    const auto given = values.find(field.name);
    const bool is_given = given != values.end() && !given->second.empty();
    if (!is_given && field.is_required) {
      return Error{"form_invalid", field.name + " is missing: " + field.doc};
    }
    Json& place = at(json, field.name);
    place = field.is_list ? Json::array() : Json("");
    if (!is_given) continue;
    for (const std::string& text : given->second) {
      TRY_ASSIGN(Json value, value_of(field, text));
      if (field.is_list) {
        place.push_back(std::move(value));
      } else {
        place = std::move(value);
      }
    }
  }
  return form.make(json, style);
}

}  // namespace bourse::wallet
