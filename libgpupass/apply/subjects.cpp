// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/subjects.hpp"

#include <fmt/format.h>

#include "values/lock_names.hpp"

namespace gpupass {

namespace {

struct Subject {
  std::string operator()(const SetHome& change) const { return "the home of " + change.device.to_string(); }
  std::string operator()(const SetDriver& change) const {
    return "the driver of " + change.device.to_string();
  }
  std::string operator()(const SetD3cold& change) const { return "D3cold of " + change.device.to_string(); }
  std::string operator()(const SetService& change) const { return "service " + change.unit; }
  std::string operator()(const SetPersistence& change) const {
    return "persistence mode of " + change.device.to_string();
  }
  std::string operator()(const LoadModule& change) const { return "module " + change.module; }
  std::string operator()(const SetDomain& change) const { return "the definition of " + change.name; }
  std::string operator()(const SetMetadata& change) const { return "the metadata of " + change.domain; }
  std::string operator()(const SetPower& change) const { return "the power of " + change.domain; }
  std::string operator()(const SetDevice& change) const {
    return fmt::format("{} in {} of {}", change.device.to_string(),
                       change.scope == Scope::Live ? "life" : "definition", change.domain);
  }
  std::string operator()(const SetBootBindings&) const { return "what is bound at boot"; }
};

struct LocksOf {
  using Names = std::set<std::string>;
  Names operator()(const SetHome& change) const { return {lock_of_device(change.device)}; }
  Names operator()(const SetDriver& change) const { return {lock_of_device(change.device)}; }
  Names operator()(const SetD3cold& change) const { return {lock_of_device(change.device)}; }
  Names operator()(const SetService& change) const { return {lock_of_service(change.unit)}; }
  Names operator()(const SetPersistence& change) const { return {lock_of_device(change.device)}; }
  Names operator()(const LoadModule&) const { return {}; }
  Names operator()(const SetDomain& change) const { return {lock_of_guest(change.name)}; }
  Names operator()(const SetMetadata& change) const { return {lock_of_guest(change.domain)}; }
  Names operator()(const SetPower& change) const { return {lock_of_guest(change.domain)}; }
  Names operator()(const SetDevice& change) const {
    return {lock_of_device(change.device), lock_of_guest(change.domain)};
  }
  Names operator()(const SetBootBindings&) const { return {lock_of_boot()}; }
};

}  // namespace

std::optional<PciAddress> device_of(const Change& change) {
  return std::visit(
      [](const auto& what) -> std::optional<PciAddress> {
        if constexpr (requires { what.device; }) return what.device;
        return std::nullopt;
      },
      change);
}

bool lasts(const Change& change) {
  const auto* device = std::get_if<SetDevice>(&change);
  return std::holds_alternative<SetDomain>(change) || std::holds_alternative<SetMetadata>(change) ||
         std::holds_alternative<SetBootBindings>(change) || (device && device->scope == Scope::Config);
}

std::vector<std::string> subjects_of_home(PciAddress device) {
  return {subject_of(SetDriver{device, {}}), subject_of(SetD3cold{device}),
          subject_of(SetPersistence{device})};
}

std::string subject_of(const Change& change) {
  return std::visit(Subject{}, change);
}

std::set<std::string> locks_of(const Plan& plan) {
  std::set<std::string> names;
  for (const Step& step : plan.steps) names.merge(std::visit(LocksOf{}, step.change));
  return names;
}

}  // namespace gpupass
