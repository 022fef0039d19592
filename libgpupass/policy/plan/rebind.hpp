// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/policy.hpp"

/// What the plans that move functions between drivers have in common.
namespace gpupass {

/// As plan_bind(host, gpus), for GPUs and the devices that go with them: those need not be GPUs.
Plan plan_bind(const Host& host, const std::vector<PciAddress>& gpus, const std::vector<PciAddress>& devices,
               const BindOptions& options);

/// plan_release(), whatever the next boots do.
Plan release_now(const Host& host, const std::vector<PciAddress>& gpus);

/// One function on its way from driver to driver.
struct Moving {
  const PciFunction* function = nullptr;
  DriverState state;  ///< As it is after the steps so far.
  bool gpu = false;   ///< Otherwise a companion, or a peer of the group.
};

/// The functions, in the order in which they leave a driver: GPUs last, for their companions depend on them.
/// `verb` is for the error.
/// @throws Error Refused when a function's driver or override is not known, or the records of where functions
/// belong are not.
std::vector<Moving> leaving_order(const Host& host, const std::vector<PciAddress>& functions,
                                  const std::string& verb);

/// Adds the step, with the state before it as its undo.
void add_step(Plan& plan, Moving& moving, const SetDriver& change, std::string summary, std::string reason);

/// The record that `bind` left of this device, not of another one that was at its address.
const Home* home_of(const Host& host, const PciFunction& function);

/// Drivers, overrides, identities and groups of the functions, as the plan sees them.
std::vector<Assumption> assumptions_of(const Host& host, const std::vector<PciAddress>& functions);

/// "nvidia", "no driver".
std::string driver_text(const std::string& driver);

}  // namespace gpupass
