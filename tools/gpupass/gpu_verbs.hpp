// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gpupass/parts.hpp"
#include "gpupass/policy.hpp"
#include "invocation.hpp"

/// bind and release differ in their plan alone, and so do attach, detach, give and take.
namespace gpupass {

/// Applies the plan to the GPUs that the arguments name; `verb` says which parts of the host the plan needs.
/// @returns the exit status.
using PlanOfGpus = std::function<Plan(const Host&, const std::vector<PciAddress>&)>;
int move_gpus(const Invocation& invocation, Verb verb, const PlanOfGpus& plan);

/// The same for a guest, the first argument. @returns the exit status.
using PlanOfGuest =
    std::function<Plan(const Host&, const DomainXml&, const std::vector<DeviceId>&, const AttachOptions&)>;
int move_gpus_of_guest(const Invocation& invocation, Verb verb, const PlanOfGuest& plan);

/// What arguments name. A UUID alone means a mediated device.
struct NamedDevices {
  std::vector<std::string> gpus;  ///< As they were named.
  std::vector<DeviceId> mediated;
};
/// The arguments behind the first one.
NamedDevices named_devices(const Invocation& invocation);

/// These GPUs, and then the mediated devices.
std::vector<DeviceId> all_devices(const std::vector<PciAddress>& gpus, const std::vector<DeviceId>& mediated);

/// The GPU that a name means, for verbs that take one. @throws Error Usage for a name of several.
PciAddress only_gpu(const Invocation& invocation, const std::vector<PciAddress>& gpus,
                    const std::string& name);

}  // namespace gpupass
