// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "apply/recovery.hpp"
#include "gpupass/journal.hpp"

/// What recover and undo ask of an operation of the journal.
namespace gpupass {

Boot boot_since(const System& system, const Operation& operation);

/// The operation's plan, with only those undos that are to be done.
Plan with_undos_left(System& system, const Operation& operation);

/// @throws Error Malformed; its hint says what to do.
void expect_readable(const Operation& operation);

/// A guest of the same name in another libvirt is another guest. @throws Error Refused.
void expect_its_hypervisor(const System& system, const Operation& operation, const std::string& verb);

}  // namespace gpupass
