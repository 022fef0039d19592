// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "change/kind.hpp"
#include "codec/home_file.hpp"
#include "values/card.hpp"
#include "values/error.hpp"

namespace gpupass {

/// Which driver a function is bound to, and which one its override names.
template <>
struct Kind<SetDriver> : DeviceKind {
  static constexpr const char* kName = "driver";

  static void fields(auto& visit, auto& change) {
    visit("device", change.device);
    visit("state", change.state);
    visit("kernel_chooses", change.kernel_chooses, kAddedLater);
  }

  static Json shown(const SetDriver& change) {
    return {{"device", change.device.to_string()},
            {"driver", text_or_null(change.state.driver)},
            {"driver_override", text_or_null(change.state.driver_override)},
            {"kernel_chooses", change.kernel_chooses}};
  }

  static std::string words(const SetDriver& change) {
    const std::string device = change.device.to_string();
    if (change.kernel_chooses) return fmt::format("let the kernel choose the driver of {}", device);
    return fmt::format("set the driver of {} to {}, its override to {}", device, or_none(change.state.driver),
                       or_none(change.state.driver_override));
  }

  static std::string subject(const SetDriver& change) { return "the driver of " + change.device.to_string(); }

  /// The write that unbinds does not return before the guest lets go.
  static bool waits_for_guest(const SetDriver&) { return true; }

  static bool may_come_with_boot(const SetDriver&) { return true; }

  static void require_well_formed(const SetDriver& change) {
    for (const std::string& name : {change.state.driver, change.state.driver_override})
      if (!name.empty() && !is_driver_name(name))
        throw failure(ErrorCode::Malformed, "plan a change of", change.device.to_string(),
                      fmt::format("{:?}", name), "a driver's name");
  }

  static void effect(Host& host, const SetDriver& change) {
    PciFunction* function = function_in(host, change.device);
    if (!function) return;
    if (change.kernel_chooses) {
      // A driver of the host that is bound without an override is the kernel's choice already.
      const bool chosen = function->driver && !is_vfio_driver(*function->driver);
      if (!chosen || !function->driver_override.absent()) function->driver = Unknown{"the kernel chooses it"};
      function->driver_override = Absent{};
    } else {
      function->driver = named(change.state.driver);
      function->driver_override = named(change.state.driver_override);
    }
  }

 private:
  static Fact<std::string> named(const std::string& driver) {
    return driver.empty() ? Fact<std::string>(Absent{}) : driver;
  }
};

}  // namespace gpupass
