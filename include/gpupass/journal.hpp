// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gpupass/apply.hpp"
#include "gpupass/export.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/system.hpp"

namespace GPUPASS_EXPORT gpupass {

/// One plan that was carried out, or begun, as the journal tells it. The journal is written ahead: how to
/// undo a change is on disk before the change is made.
struct Operation {
  std::string id;                  ///< Ascending with the time it began.
  std::int64_t time = 0;           ///< Seconds since 1970, when it began.
  std::string boot_id;             ///< The kernel's, when it began.
  std::string hypervisor;          ///< Whose guests it is about: "qemu:///system".
  Plan plan;                       ///< As it was applied, secrets included: never for display.
  std::size_t started = 0;         ///< So many of its steps were begun.
  std::optional<Outcome> outcome;  ///< nullopt: it was interrupted, or goes on still.
  std::set<std::size_t> left{};  ///< The steps that may have to be undone: all, where its end does not tell.
  std::string unreadable = {};   ///< Why it cannot be read: then only what could be is here. Empty: it was.
  friend bool operator==(const Operation&, const Operation&) = default;
};

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
