// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/apply.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/system.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// All operations in the journal, ascending. An operation whose first line was interrupted is left out; one
/// that is damaged, cannot be opened, or was written by a newer version says why it is `unreadable`. Other
/// files in the folder are left out. Reads: /var/lib/gpupass/journal. @throws Error System for a folder that
/// cannot be read.
std::vector<Operation> read_journal(const System& system);

/// The operations that need recovery, ascending, and those that cannot be read and are not known to be over.
/// @throws Error as read_journal().
std::vector<Operation> interrupted_operations(const System& system);

/// Whether recover() has something to do: the operation was interrupted, could not be undone, or cannot be
/// read.
bool needs_recovery(const Operation& operation);

/// The steps that may have to be undone, as a plan. Until that is done, no other operation may use the
/// devices and guests that it names.
Plan plan_left(const Operation& operation);

/// Whether any of its steps is about a guest.
bool concerns_guests(const Operation& operation);

/// What recover() would do, as a plan to print. It has no steps if the host is in the state before the
/// operation, or in the requested one. A reboot removes bindings by itself; then only definitions and boot
/// bindings are undone. @throws Error Malformed for one that cannot be read; its hint says what to do.
Plan plan_recovery(System& system, const Operation& operation);

/// Undoes an interrupted operation, or records that it had reached its goal. Locks its devices and guests, so
/// it leaves an operation alone that still runs, or that another process recovered after it was `seen`.
/// @throws Error Malformed as plan_recovery(); Busy when it still runs; Refused when it is about guests of
/// another libvirt; Wedged when a driver hung in it, and only a reboot helps.
Report recover(System& system, const Operation& seen, const Progress& progress = {});

/// Whether plan_undo() can be asked about it: it was done, or waited for a guest.
bool is_to_undo(const Operation& operation);

/// What takes an operation back, as a plan that apply() performs, the last step first. It has no steps if all
/// is as the operation found it. A reboot takes back most changes by itself.
/// @throws Error Malformed as plan_recovery(); Refused when others have changed what it changed, when it is
/// not over or changed nothing, and when it is about guests of another libvirt.
Plan plan_undo(System& system, const Operation& operation);

}  // namespace gpupass
#pragma GCC visibility pop
