// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>

#include "gpupass/plan.hpp"
#include "gpupass/report.hpp"
#include "gpupass/system.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// What a caller wants after an event.
enum class Go {
  On,
  Back,  ///< No further step is begun, and what was done is undone.
};
/// Told what happens, as it happens. A std::exception is an answer, too: Go::Back.
using Progress = std::function<Go(const Event& event)>;

/// Performs the plan, reading back each state; undoes all of it in reverse order when a step fails.
/// First it locks the plan's devices and guests, and writes the whole plan into the journal. Applying a plan
/// a second time changes nothing, but a reset is made again. Never throws after its first write.
/// @throws Error Busy when another gpupass holds a lock, or when the machine is no longer as the plan
/// assumes; Refused when an earlier operation on the same devices or guests was interrupted; Cancelled when
/// `progress` said so before anything was changed.
Report apply(System& system, const Plan& plan, const Progress& progress = {});

}  // namespace gpupass
#pragma GCC visibility pop
