// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/apply.hpp"
#include "gpupass/export.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/system.hpp"

namespace GPUPASS_EXPORT gpupass {

/// All that is remembered, ascending. What was cut off while it was written is left out; what a newer version
/// wrote, or is damaged, says why it is `unreadable`. Reads: /var/lib/gpupass/journal. @throws Error System
/// for a file that cannot be opened.
std::vector<Operation> read_journal(const System& system);

/// Those that need recovery, ascending; those that cannot be read as well, unless they are over. @throws
/// Error as read_journal().
std::vector<Operation> interrupted_operations(const System& system);

/// Whether something is left to do for recover(): it was interrupted, or could not be undone; nobody can
/// tell, where it cannot be read.
bool needs_recovery(const Operation& operation);

/// The steps that may have to be undone, as a plan: what it names is nobody's until then.
Plan plan_left(const Operation& operation);

/// Whether any of its steps is about a guest.
bool concerns_guests(const Operation& operation);

/// What recover() would do, as a plan to print: no steps when the host is already as found, or as asked.
/// After another boot bindings have vanished by themselves, and only what lasts is undone: definitions, and
/// what is bound at boot. @throws Error Malformed for one that cannot be read; its hint says what to do.
Plan plan_recovery(System& system, const Operation& operation);

/// Undoes an operation that was interrupted, or notes that it had reached all it was asked for. Takes the
/// locks of its devices and guests, so that one that goes on is left alone, and one that another process has
/// recovered since it was `seen`.
/// @throws Error Malformed as plan_recovery(); Busy when it goes on; Refused when it is about guests of
/// another libvirt; Wedged when a driver has hung in it, and only a reboot helps.
Report recover(System& system, const Operation& seen, const Progress& progress = {});

}  // namespace GPUPASS_EXPORT gpupass
