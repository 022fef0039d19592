// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/policy.hpp"

/// What is bound to vfio-pci on every boot.
namespace gpupass {

/// Whether the next boots bind it, it and no other device.
bool is_bound_at_boot(const Host& host, const PciFunction& function);

/// What is to be bound at boot, each entry a set of GPUs that move together; and what is in the way of the
/// rest: another device at its address, or none; or nobody can tell.
struct WantedAtBoot {
  std::vector<std::vector<PciAddress>> gpus;
  std::vector<Finding> findings;
};
WantedAtBoot wanted_at_boot(const Host& host);

/// What builds boot images, and the images. @throws Error Refused where nothing does, or that is not known.
BootImages known_boot_images(const Host& host, const std::string& verb, const std::string& subject);

/// Adds the step after which every boot binds these GPUs, with all that moves with them.
/// @throws Error Refused as plan_bind_at_boot() does.
void add_boot_bindings(Plan& plan, const Host& host, const std::vector<PciAddress>& gpus,
                       const std::vector<PciAddress>& force);

/// Adds the step after which no boot binds any function of these slots, if one does now.
void remove_boot_bindings(Plan& plan, const Host& host, const std::vector<PciAddress>& named);

/// What check() says of it: of these GPUs, and of all entries whose device is not there.
std::vector<Finding> check_boot(const Host& host, const std::vector<PciAddress>& gpus);

}  // namespace gpupass
