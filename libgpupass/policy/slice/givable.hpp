// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/device.hpp"
#include "gpupass/host.hpp"

/// Slices that go to a guest as they are (goes_as_it_is()): nothing is bound for them, and they are cards of
/// their own.
namespace gpupass {

/// The devices of a list, in their order.
struct PartedDevices {
  std::vector<PciAddress> functions;  ///< Go by vfio-pci.
  std::vector<DeviceId> slices;
};
PartedDevices parted(const Host& host, const std::vector<DeviceId>& devices);

/// @param what is done with the guest: "attach to", "place".
/// @throws Error Refused for slices that are not there, that somebody else has, or that no guest may have.
void expect_givable(const Host& host, const std::string& what, const std::string& guest,
                    const std::vector<DeviceId>& slices);

}  // namespace gpupass
