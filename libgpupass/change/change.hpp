// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gpupass/plan.hpp"

/// The questions about a change that do not depend on its kind. Nothing here looks at the machine.
namespace gpupass {

/// "set the driver of 0000:65:00.0 to nvidia": the state that a change sets.
std::string words_for(const Change& change);

/// The subject whose state a change sets. Of two changes with one subject the later one decides.
std::string subject_of(const Change& change);
/// The function that a change is about, whose driver may hang. nullopt: none; a mediated device has no
/// driver.
std::optional<PciAddress> function_of(const Change& change);
/// The guest in which libvirt makes the change. nullopt: it is made in the host.
std::optional<std::string> guest_of(const Change& change);
/// Whether the state outlives a boot: definitions of guests do, and what is bound at boot.
bool lasts(const Change& change);
/// The subjects that must be as found before the change may be undone.
std::vector<std::string> waits_for(const Change& change);

/// Whether a running guest must do its part: where that fails, it may hold its devices still.
bool needs_running_guest(const Change& change);
/// Whether the change must wait while a guest may have its function open.
bool waits_for_guest(const Change& change);
/// Whether the change decides what every boot does.
bool steers_boot(const Change& change);
/// Whether a boot may make the change by itself.
bool may_come_with_boot(const Change& change);

/// A change that every boot makes by itself.
struct BootChange {
  std::string subject;
  std::vector<Assumption> signs;  ///< What the machine shows once a boot has made it.
};
/// The changes that every boot makes because of this one.
std::vector<BootChange> made_by_boot(const Change& change);

/// The names of the locks that a change needs: its device's, its guest's.
std::set<std::string> locks_of(const Change& change);
/// Those of all its changes.
std::set<std::string> locks_of(const Plan& plan);

/// Checks the plan alone. It may come from a file, and some of its names become parts of paths.
/// @throws Error Malformed naming the subject, what was seen and what was expected.
void require_well_formed(const Plan& plan);

}  // namespace gpupass
