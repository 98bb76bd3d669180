// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"

#include "base/version.hpp"

namespace bourse::rpc {

std::vector<Method> all_methods(bool dev) {
  std::vector<Method> methods;
#define BOURSE_ADD(name) methods.push_back(name());
  BOURSE_METHODS(BOURSE_ADD)
#undef BOURSE_ADD
  if (!dev) std::erase_if(methods, [](const Method& m) { return m.name.starts_with("dev_"); });
  return methods;
}

Json openrpc_document(const std::vector<Method>& methods) {
  Json list = Json::array();
  for (const Method& method : methods) {
    Json params = Json::array();
    const Json& required = method.params_schema["required"];
    for (const std::string& name : method.params) {
      const bool must = std::find(required.begin(), required.end(), Json(name)) != required.end();
      params.push_back({{"name", name},
                        {"required", must},
                        {"schema", method.params_schema["properties"][name]}});
    }
    list.push_back({{"name", method.name},
                    {"summary", method.doc},
                    {"params", params},
                    {"result", {{"name", "result"}, {"schema", method.reply_schema}}}});
  }
  return {
      {"openrpc", "1.3.2"},
      {"info", {{"title", "Bourse"}, {"version", kVersion}, {"license", {{"name", "Apache-2.0"}}}}},
      {"methods", list}};
}

void add_methods(Dispatcher& dispatcher, const Backend& backend) {
  const std::vector<Method> methods = all_methods(!backend.dev_keys.empty());
  const Json document = openrpc_document(methods);
  dispatcher.add("rpc.discover", {}, [document](const Json&) -> RpcResult {
    return RpcResult(boost::system::in_place_value, document);
  });
  for (const Method& method : methods) {
    dispatcher.add(method.name, method.params, [call = method.call, &backend](const Json& params) {
      return call(params, backend);
    });
  }
}

}  // namespace bourse::rpc
