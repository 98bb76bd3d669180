// SPDX-License-Identifier: Apache-2.0
//
// Goal: every transaction type can be built from flags, and a wrong value is refused by name.
// Method: each form is filled with the values of a known operation and must give its very bytes;
// the edges of amounts go through a transfer.
#include "wallet/operation_form.hpp"

#include <gtest/gtest.h>

#include "market/tx_types.hpp"

namespace bourse::wallet {
namespace {

constexpr JsonStyle kDev{Network::dev};

Address address(std::uint8_t first) {
  Address out;
  out.bytes[0] = first;
  return out;
}

FormValues transfer(const std::string& amount) {
  return {{"to", {address_text(address(7), Network::dev)}}, {"amount", {amount}}};
}

Result<chain::Operation> fill_transfer(const std::string& amount) {
  return fill(operation_form("transfer"), transfer(amount), kDev);
}

TEST(OperationForm, ThereIsOneForEveryType) {
  std::vector<std::string> names;
  for (const OperationForm& form : operation_forms()) {
    names.push_back(form.name);
    EXPECT_FALSE(form.doc.empty());
    EXPECT_FALSE(form.fields.empty()) << form.name;
  }
  std::vector<std::string> expected;
  market::TxTypes::for_each([&]<class T>(const T&) { expected.emplace_back(T::name); });
  EXPECT_EQ(names, expected);
}

TEST(OperationForm, Transfer) {
  const auto operation = fill_transfer("2.5").value();
  EXPECT_EQ(operation.type, market::Transfer::type);
  EXPECT_EQ(operation.body, encode(market::Transfer{address(7), Amount(2'500'000'000)}));
}

TEST(OperationForm, EdgesOfAmounts) {
  const auto kind = [](const std::string& text) {
    const auto made = fill_transfer(text);
    return made ? "" : made.error().kind;
  };
  EXPECT_EQ(kind("0.000000001"), "");
  EXPECT_EQ(kind("9223372036.854775807"), "");
  EXPECT_EQ(kind("0"), "amount_is_zero");
  for (const char* bad :
       {"9223372036.854775808", "0.0000000001", "", ".", "1.", ".5", "-1", "+1", "1e3", "1,5",
        "0x1", " 1", "1 ", "1 BRS", "18446744073709551616", "99999999999"}) {
    EXPECT_EQ(kind(bad), "amount_invalid") << bad;
  }
  EXPECT_NE(fill_transfer("x").error().message.find("amount: "), std::string::npos);
}

TEST(OperationForm, NestedFieldsListsAndEnums) {
  const std::string runtime = "0x" + std::string(64, 'b');
  const FormValues values{{"provider", {"0x000102030405060708090a0b0c0d0e0f"}},
                          {"terms.arch", {"arm64"}},
                          {"terms.runtimes", {runtime, "0x" + std::string(64, 'c')}},
                          {"terms.capacity.cpu_milli", {"4000"}},
                          {"terms.capacity.memory_mib", {"1024"}},
                          {"terms.capacity.disk_mib", {"10"}},
                          {"terms.capacity.gpus", {"0"}},
                          {"terms.prices.cpu_milli_hour", {"0.00001"}},
                          {"terms.prices.memory_mib_hour", {"0"}},
                          {"terms.prices.disk_mib_hour", {"0"}},
                          {"terms.prices.gpu_hour", {"0"}},
                          {"terms.prices.start_fee", {"0.001"}},
                          {"terms.lifetime", {"3600000"}}};
  const OperationForm& form = operation_form("offer_create");
  const auto operation = fill(form, values, kDev).value();
  const auto offer = decode<market::OfferCreate>(operation.body).value();
  EXPECT_EQ(offer.terms.arch, market::Arch::arm64);
  EXPECT_EQ(offer.terms.runtimes->size(), 2U);
  EXPECT_EQ(offer.terms.capacity, (market::Bundle{4000, 1024, 10, 0}));
  EXPECT_EQ(offer.terms.prices.cpu_milli_hour, Amount(10'000));
  EXPECT_EQ(offer.terms.prices.start_fee, Amount(1'000'000));
  EXPECT_EQ(offer.terms.lifetime, seconds(3600));
  EXPECT_EQ(*offer.terms.gpu_model, "");

  const auto kind_with = [&](const std::string& name, std::vector<std::string> texts) {
    FormValues changed = values;
    changed[name] = std::move(texts);
    const auto made = fill(form, changed, kDev);
    return made ? "" : made.error().kind;
  };
  EXPECT_EQ(kind_with("terms.arch", {"sparc"}), "form_invalid");
  EXPECT_EQ(kind_with("terms.arch", {}), "form_invalid");
  EXPECT_EQ(kind_with("provider", {"0x00"}), "form_invalid");
  EXPECT_EQ(kind_with("terms.capacity.cpu_milli", {"4.5"}), "form_invalid");
  EXPECT_EQ(kind_with("terms.capacity.cpu_milli", {"-1"}), "form_invalid");
  EXPECT_EQ(kind_with("terms.capacity.cpu_milli", {"0"}), "bundle_is_empty");
  EXPECT_EQ(kind_with("terms.capacity.cpu_milli", {"2147483648"}), "");
  EXPECT_EQ(kind_with("terms.capacity.cpu_milli", {"2147483649"}), "bundle_too_large");
  EXPECT_EQ(kind_with("terms.runtimes", {}), "runtime_missing");
  EXPECT_EQ(kind_with("terms.runtimes", {runtime, "x"}), "form_invalid");
}

TEST(OperationForm, AnAddressOfAnotherNetworkIsRefused) {
  FormValues values = transfer("1");
  values["to"] = {address_text(address(7), Network::main)};
  EXPECT_EQ(fill(operation_form("transfer"), values, kDev).error().kind, "form_invalid");
}

TEST(OperationForm, AMissingFieldIsNamed) {
  FormValues values = transfer("1");
  values.erase("to");
  const Error error = fill(operation_form("transfer"), values, kDev).error();
  EXPECT_EQ(error.kind, "form_invalid");
  EXPECT_TRUE(error.message.starts_with("to is missing")) << error.message;
}

}  // namespace
}  // namespace bourse::wallet
