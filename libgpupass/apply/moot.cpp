// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/perform.hpp"
#include "change/change.hpp"
#include "gpupass/error.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

namespace {

bool no_longer_runs(const Access& access, const std::string& guest) try {
  const std::optional<DomainXml> domain = access.domain(guest);
  return !domain || !domain->active;
} catch (const Error&) {
  return false;
}

/// What the kernel knows of a function goes with it: if the function comes back, it is a new one.
bool is_state_of_kernel(const Change& change) {
  return std::holds_alternative<SetDriver>(change) || std::holds_alternative<SetD3cold>(change) ||
         std::holds_alternative<SetPersistence>(change) ||
         std::holds_alternative<SetVirtualFunctions>(change) ||
         std::holds_alternative<SetResetMethods>(change) || std::holds_alternative<SetVgpuType>(change) ||
         std::holds_alternative<SetMediatedDevice>(change) || std::holds_alternative<SetMigMode>(change) ||
         std::holds_alternative<SetMigInstance>(change);
}

}  // namespace

const char* why_moot(const Access& access, const Change& change) {
  const auto* device = std::get_if<SetDevice>(&change);
  if (device && device->present && device->scope == Scope::Live && no_longer_runs(access, device->domain))
    return "the guest no longer runs";
  const auto function = function_of(change);
  if (is_state_of_kernel(change) && function && access.look().list(sysfs_folder(*function)).absent())
    return "the device is gone";
  return nullptr;
}

}  // namespace gpupass
