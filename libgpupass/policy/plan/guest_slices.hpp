// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/policy.hpp"

/// Slices that go to a guest as they are, because their own driver is one of VFIO's: mediated devices, and
/// virtual functions that carry vGPUs. Nothing is bound for them, and they are cards of their own.
namespace gpupass {

/// The devices of a list, in their order.
struct PartedDevices {
  std::vector<PciAddress> functions;  ///< Go by vfio-pci.
  std::vector<DeviceId> slices;
};
PartedDevices parted(const Host& host, const std::vector<DeviceId>& devices);

/// @throws Error Refused for slices that are not there, that somebody else has, or that no guest may have.
void expect_attachable(const Host& host, const std::string& guest, const std::vector<DeviceId>& slices);

/// Adds the steps that give a guest the slices that one of its definitions does not have yet.
void attach_slices(Plan& plan, const DomainXml& domain, const std::vector<DeviceId>& slices, Scope scope,
                   const AttachOptions& options);

/// Adds what the user should know of them.
void note_slices(Plan& plan, const Host& host, const std::string& guest, const std::vector<DeviceId>& slices);

}  // namespace gpupass
