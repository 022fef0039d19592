// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/plan.hpp"
#include "support/fake_kernel.hpp"

namespace gpupass {

inline DriverState state_of(const FakeKernel& kernel, PciAddress device) {
  return {kernel.device(device).driver, kernel.device(device).driver_override};
}

/// One step of each function's way from one state to another.
inline Step driver_step(std::string summary, PciAddress device, DriverState before, DriverState after) {
  return {std::move(summary), "", SetDriver{device, std::move(after)}, SetDriver{device, std::move(before)}};
}

/// The way to vfio-pci of a closure, all functions side by side.
inline Plan bind_by_hand(const FakeKernel& kernel, const std::vector<PciAddress>& closure) {
  Plan plan;
  for (const PciAddress& device : closure) {
    const std::string name = device.to_string();
    plan.assumes.push_back({Assumption::Kind::Link, "/sys/bus/pci/devices/" + name + "/driver",
                            state_of(kernel, device).driver});
    plan.steps.push_back({"record the home of " + name, "",
                          SetHome{device, Home{device, state_of(kernel, device), {0x10de, 0x20b0}}},
                          SetHome{device, std::nullopt}});
  }
  for (const PciAddress& device : closure) {
    const DriverState home = state_of(kernel, device);
    plan.steps.push_back(
        driver_step("reserve " + device.to_string(), device, home, {home.driver, "vfio-pci"}));
  }
  for (auto device = closure.rbegin(); device != closure.rend(); ++device)
    plan.steps.push_back(driver_step("unbind " + device->to_string(), *device,
                                     {state_of(kernel, *device).driver, "vfio-pci"}, {"", "vfio-pci"}));
  for (const PciAddress& device : closure)
    plan.steps.push_back(
        driver_step("bind " + device.to_string(), device, {"", "vfio-pci"}, {"vfio-pci", "vfio-pci"}));
  return plan;
}

}  // namespace gpupass
