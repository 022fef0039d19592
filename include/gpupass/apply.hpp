// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/export.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/system.hpp"

namespace GPUPASS_EXPORT gpupass {

enum class Outcome {
  Done,
  Already,             ///< There was nothing to do.
  RolledBack,          ///< A step failed; the host is as found.
  RollbackIncomplete,  ///< A step failed, and so did an undo.
  Pending,             ///< A guest has not yet let go of a device, or nobody can tell; nothing is undone.
  Wedged,              ///< A write into the kernel did not return; only a reboot helps.
};
/// "done", "already", "rolled-back", "rollback-incomplete", "pending", "wedged".
std::string_view to_string(Outcome outcome);

struct StepResult {
  std::string summary;
  /// "done", "failed: ...", "undone", "undo failed: ...", "pending", "pending: ..." (why), "wedged", "not
  /// reached".
  std::string result;
  friend bool operator==(const StepResult&, const StepResult&) = default;
};

/// What happened.
struct Report {
  Outcome outcome = Outcome::Done;
  bool changed = false;  ///< Whether the host differs from how it was found.
  std::vector<StepResult> steps;
  friend bool operator==(const Report&, const Report&) = default;
};

/// Called before each step, with its summary.
using Progress = std::function<void(const std::string& summary)>;

/// Performs the plan, reading back each state; undoes all of it in reverse order when a step fails.
/// Takes the locks of the plan's devices and guests, and writes all of it into the journal first. A plan that
/// was carried out is already so. Never throws after its first write.
/// @throws Error Busy when another gpupass holds a lock, or when the machine is no longer as the plan
/// assumes; Refused when an earlier operation on the same devices or guests was cut off.
Report apply(System& system, const Plan& plan, const Progress& progress = {});

}  // namespace GPUPASS_EXPORT gpupass
