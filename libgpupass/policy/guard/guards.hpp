// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"

namespace gpupass {

/// The ids of findings that are looked for among others.
inline constexpr const char* kNotTheGpu = "gpu.class";
inline constexpr const char* kWedgedGpu = "gpu.wedged";

/// Something that stands in the way, and what the user must name to go past it.
struct Objection {
  Finding finding;
  std::optional<PciAddress> force;  ///< nullopt: nothing helps but the remedy.
};

/// What forbids giving one GPU away while `together`, itself among them, go the same way: cards that share a
/// group are no strangers to each other then, and a display that goes as well is none that stays.
/// `stop` names services that may be stopped for the while.
std::vector<Objection> objections(const Host& host, PciAddress gpu, const std::vector<PciAddress>& together,
                                  const std::vector<std::string>& stop = {});
/// What may keep it from coming back, or from working in a guest.
std::vector<Objection> return_objections(const Host& host, PciAddress gpu);

/// Who uses these functions, or the groups they are in: running guests, and whoever has a /dev/vfio node
/// open. `subject` is whom the findings are about; the guest called `guest`, and its process, are no
/// strangers.
std::vector<Finding> users_of(const Host& host, PciAddress subject, const std::vector<PciAddress>& functions,
                              const std::string& guest = {});

/// Why the host would miss this display: the firmware started on it, or may have, or it is the `last` one, "
/// after the next boot" or whenever. nullopt: the host would not.
std::optional<Finding> missed_display(const PciFunction& function, bool last, const char* when = "");

/// That a driver has hung in the function's removal, so that nothing that needs the device's lock returns; or
/// that this is not known. nullopt: no driver has.
std::optional<Finding> wedged_finding(const Host& host, PciAddress device);

}  // namespace gpupass
