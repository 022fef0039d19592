// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"

namespace gpupass {

/// The id of a finding that is looked for among others.
inline constexpr const char* kWedgedGpu = "gpu.wedged";
inline constexpr const char* kQuarantined = "gpu.quarantined";

/// An obstacle, and what the user must name with --force to ignore it.
struct Objection {
  Finding finding;
  std::optional<PciAddress> force;  ///< nullopt: nothing helps but the remedy.
};

/// What forbids giving one GPU away while `together`, itself among them, go the same way: then cards of one
/// group do not block each other, and a display that goes too does not count as remaining. `stop` names
/// services that may be stopped for the while.
std::vector<Objection> objections(const Host& host, PciAddress gpu, const std::vector<PciAddress>& together,
                                  const std::vector<std::string>& stop = {});
/// What is left of the objections when the devices whose protection the user gives up are taken out.
std::vector<Objection> unforced(std::vector<Objection> objections, const std::vector<PciAddress>& force);

/// Their findings: of each subject eight of one id at most, and last how many more there are, for a group may
/// have hundreds of devices.
std::vector<Finding> findings_of(std::vector<Objection> objections);

/// Who uses these functions, or the groups they are in: running guests, and whoever has a /dev/vfio node
/// open. `subject` is whom the findings are about; the guest called `guest`, and its process, are no
/// strangers.
std::vector<Finding> users_of(const Host& host, PciAddress subject, const std::vector<PciAddress>& functions,
                              const std::string& guest = {});

/// Why the host would miss this display: the firmware started on it, or may have, or it is the `last` one;
/// `when` is " after the next boot", or "" for now. nullopt: the host would not miss it.
std::optional<Finding> missed_display(const PciFunction& function, bool last, const char* when = "");

/// The record that keeps this GPU from guests; nullptr: none.
const Quarantined* quarantined(const Host& host, const PciFunction& gpu);
/// A finding that says so, or that nobody can tell. nullopt: guests may have it.
std::optional<Finding> quarantine_finding(const Host& host, const PciFunction& gpu);

/// Whether a finding says that the host shows its screen on the GPU.
bool is_of_display(const Finding& finding);

/// A finding that a driver hung while it was unbound from the function, so that nothing that needs the
/// device's lock returns; or that this is not known. nullopt: no driver hung.
std::optional<Finding> wedged_finding(const Host& host, PciAddress device);

}  // namespace gpupass
