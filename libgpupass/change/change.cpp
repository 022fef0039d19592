// SPDX-License-Identifier: LGPL-2.1-or-later
#include "change/change.hpp"

#include <type_traits>

#include "change/json.hpp"
#include "change/kinds.hpp"
#include "codec/document.hpp"
#include "codec/schema.hpp"
#include "gpupass/json.hpp"

/// From a change to its Kind: the one place that does so.
namespace gpupass {

namespace {

/// Calls `ask(kind, change)` with the Kind of the change, and the change in its own type.
auto of_kind(auto& change, const auto& ask) {
  return std::visit([&](auto& one) { return ask(Kind<std::remove_cvref_t<decltype(one)>>(), one); }, change);
}

/// The changes of all kinds, each with nothing in it.
template <std::size_t... Index>
std::vector<Change> each_kind(std::index_sequence<Index...>) {
  return {Change(std::in_place_index<Index>)...};
}

std::string name_of(const Change& change) {
  return of_kind(change, [](auto kind, const auto&) { return std::string(kind.kName); });
}

/// The name in records of earlier versions. Empty: it is the same.
std::string former_name_of(const Change& change) {
  return of_kind(change, [](auto kind, const auto&) -> std::string {
    if constexpr (requires { kind.kFormerName; }) return kind.kFormerName;
    return {};
  });
}

}  // namespace

std::string words_for(const Change& change) {
  return of_kind(change, [](auto kind, const auto& one) { return kind.words(one); });
}

std::string subject_of(const Change& change) {
  return of_kind(change, [](auto kind, const auto& one) { return kind.subject(one); });
}

std::optional<PciAddress> function_of(const Change& change) {
  const auto device = of_kind(change, [](auto kind, const auto& one) { return kind.device(one); });
  return device ? device->function() : std::nullopt;
}

std::optional<std::string> guest_of(const Change& change) {
  return of_kind(change, [](auto kind, const auto& one) { return kind.guest(one); });
}

bool changes_guest(const Change& change) {
  return guest_of(change).has_value();
}

bool lasts(const Change& change) {
  return of_kind(change, [](auto kind, const auto& one) { return kind.lasts(one); });
}

std::vector<std::string> waits_for(const Change& change) {
  return of_kind(change, [](auto kind, const auto& one) { return kind.waits_for(one); });
}

bool needs_running_guest(const Change& change) {
  return of_kind(change, [](auto kind, const auto& one) { return kind.needs_running_guest(one); });
}

bool waits_for_guest(const Change& change) {
  return of_kind(change, [](auto kind, const auto& one) { return kind.waits_for_guest(one); });
}

bool steers_boot(const Change& change) {
  return of_kind(change, [](auto kind, const auto& one) { return kind.steers_boot(one); });
}

bool may_come_with_boot(const Change& change) {
  return of_kind(change, [](auto kind, const auto& one) { return kind.may_come_with_boot(one); });
}

std::vector<BootChange> made_by_boot(const Change& change) {
  return of_kind(change, [](auto kind, const auto& one) { return kind.made_by_boot(one); });
}

std::set<std::string> locks_of(const Change& change) {
  return of_kind(change, [](auto kind, const auto& one) {
    std::set<std::string> names = kind.locks(one);
    if (const auto device = kind.device(one)) names.insert(lock_of_device(*device));
    if (const auto guest = kind.guest(one)) names.insert(lock_of_guest(*guest));
    return names;
  });
}

std::set<std::string> locks_of(const Plan& plan) {
  std::set<std::string> names;
  for (const Step& step : plan.steps) names.merge(locks_of(step.change));
  return names;
}

void require_well_formed(const Plan& plan) {
  const auto require = [](auto kind, const auto& one) { kind.require_well_formed(one); };
  for (const Step& step : plan.steps) {
    of_kind(step.change, require);
    if (step.undo) of_kind(*step.undo, require);
  }
}

Host after(const Host& host, const Plan& plan) {
  Host then = host;
  for (const Step& step : plan.steps)
    of_kind(step.change, [&](auto kind, const auto& one) { kind.effect(then, one); });
  return then;
}

// --- JSON ---

void fields(JsonWriter& writer, const Change& change) {
  writer("kind", name_of(change));
  of_kind(change, [&](auto kind, const auto& one) { kind.fields(writer, one); });
}

void fields(JsonReader& reader, Change& change) {
  std::string name;
  reader("kind", name);
  std::vector<std::string> names;
  for (Change& empty : each_kind(std::make_index_sequence<std::variant_size_v<Change>>())) {
    names.push_back(name_of(empty));
    if (names.back() != name && former_name_of(empty) != name) continue;
    change = std::move(empty);
    return of_kind(change, [&](auto kind, auto& one) { kind.fields(reader, one); });
  }
  reader.place()["kind"].malformed(nlohmann::json(name), fmt::format("one of {}", fmt::join(names, ", ")));
}

void fields(SchemaWriter& writer, const Change&) {
  for (const Change& empty : each_kind(std::make_index_sequence<std::variant_size_v<Change>>()))
    of_kind(empty, [&](auto kind, const auto& one) {
      writer.alternative(type_name<std::remove_cvref_t<decltype(one)>>(), [&](SchemaWriter& fields) {
        fields.constant("kind", kind.kName);
        kind.fields(fields, one);
      });
    });
}

nlohmann::ordered_json shown(const Change& change) {
  Json json{{"kind", name_of(change)}};
  json.update(of_kind(change, [](auto kind, const auto& one) { return kind.shown(one); }));
  return json;
}

nlohmann::ordered_json shown(const BootBinding& binding) {
  const auto id = [](std::optional<std::uint16_t> number) {
    return number ? Json(fmt::format("{:04x}", *number)) : Json(nullptr);
  };
  const Identity& identity = binding.identity;
  return {{"vendor_id", id(identity.vendor)},
          {"device_id", id(identity.device)},
          {"subsystem_vendor_id", id(identity.subsystem_vendor)},
          {"subsystem_device_id", id(identity.subsystem_device)},
          {"serial", text_or_null(identity.serial)}};
}

std::string to_json(const Plan& plan) {
  return json_document("plan", plan);
}

Plan plan_from_json(std::string_view text) {
  return from_json_document<Plan>("plan", text);
}

std::string to_json(const Operation& operation) {
  return json_document("operation", operation);
}

Operation operation_from_json(std::string_view text) {
  return from_json_document<Operation>("operation", text);
}

}  // namespace gpupass
