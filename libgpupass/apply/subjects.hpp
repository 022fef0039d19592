// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gpupass/plan.hpp"

namespace gpupass {

/// What a change sets the state of. Two changes with one subject: the later one decides.
std::string subject_of(const Change& change);
/// The function that a change is about. nullopt: none.
std::optional<PciAddress> device_of(const Change& change);
/// Whether it is there still after another boot: definitions of guests are, and what is bound at boot.
bool lasts(const Change& change);
/// What the record of where a function belongs is needed for.
std::vector<std::string> subjects_of_home(PciAddress device);

/// What a plan needs for itself: the names of its locks, one for each device and each guest.
std::set<std::string> locks_of(const Plan& plan);

}  // namespace gpupass
