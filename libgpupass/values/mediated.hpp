// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gpupass/device.hpp"
#include "gpupass/host.hpp"
#include "gpupass/pci.hpp"

/// Mediated devices, and what goes to guests as they do: names and places.
namespace gpupass {

/// Whether it is the name of a type as drivers give them, "nvidia-474": fit for a path and for XML.
bool is_mediated_type(std::string_view name);

/// The UUID of the mediated device of this number, counted from 0: always the same one, so that a plan that
/// is printed names the device that a later run makes. It is unique on one host, not among hosts.
DeviceId stable_mediated_device(PciAddress parent, const std::string& type, unsigned number);

/// The function that a mediated device is a slice of. nullopt: nothing says that there is such a device.
std::optional<PciAddress> parent_of_mediated(const Host& host, DeviceId device);

/// Where a device of a guest is on this host: the function itself, or the parent of a mediated device.
/// nullptr: nowhere, or nobody can tell.
const PciFunction* function_behind(const Host& host, DeviceId device);

/// Whether a guest gets a device as it is, because its own driver is one of VFIO's: a mediated device, or a
/// virtual function that carries a vGPU.
bool goes_as_it_is(const Host& host, DeviceId device);

/// The link in sysfs that says which type a mediated device of this parent has.
std::string mediated_type_link(PciAddress parent, DeviceId device);

/// Where mdevctl keeps what it knows of mediated devices: a folder for each parent, and there a file for each
/// device, by its UUID.
inline constexpr std::string_view kMdevctlFolder = "/etc/mdevctl.d";
std::string mdevctl_path(PciAddress parent, const std::string& uuid);

}  // namespace gpupass
