// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <set>
#include <string>

#include "gpupass/journal.hpp"

/// What recovery of an interrupted operation amounts to. Pure: recover.cpp looks at the machine.
namespace gpupass {

/// Whether the machine was booted since the operation began.
enum class Boot { Same, Another };

/// The steps whose changes must all be found for the operation to have had all that it asked for. nullopt: it
/// has not, whatever is found.
std::optional<Plan> goal_of(const Operation& operation, Boot boot);

/// The steps that may have been begun, each with its undo if that is left to do. `repeated` are the subjects
/// of the changes that another boot has made again: their undo has not happened by itself.
Plan undos_left(const Operation& operation, Boot boot, const std::set<std::string>& repeated);

}  // namespace gpupass
