// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>

#include "apply/access.hpp"
#include "gpupass/plan.hpp"

namespace gpupass {

/// How far a change came that did not fail.
enum class Progressed {
  Reached,  ///< The machine was read back and is in the state that the change sets.
  Pending,  ///< Asked for; a guest has yet to do its part.
};

/// Brings the machine to the state that the change sets, from whatever state it is in, and reads that back.
/// A state that is already reached costs no write.
/// @throws Error when the state was not reached; the machine may then be anywhere on the way.
Progressed perform(Access& access, const Change& change);

/// Whether the machine is in that state now; nullopt: it cannot be read. Changes nothing.
std::optional<bool> found_reached(System& system, const Change& change);
/// Whether it certainly is.
bool is_reached(System& system, const Change& change);

/// Why there is nothing to put back: the guest that would get a device no longer runs, or the device is gone.
/// nullptr: there is.
const char* why_moot(const Access& access, const Change& change);

void perform(Access& access, const SetHome& change);
void perform(Access& access, const SetDriver& change);
void perform(Access& access, const SetD3cold& change);
void perform(Access& access, const SetVirtualFunctions& change);
void perform(Access& access, const SetResetMethods& change);
void perform(Access& access, const ResetDevice& change);
void perform(Access& access, const SetVgpuType& change);
void perform(Access& access, const SetMediatedDevice& change);
void perform(Access& access, const SetMediatedDefinition& change);
void perform(Access& access, const SetMigMode& change);
void perform(Access& access, const SetMigInstance& change);
void perform(Access& access, const SetService& change);
void perform(Access& access, const SetPersistence& change);
void perform(Access& access, const LoadModule& change);
void perform(Access& access, const SetDomain& change);
void perform(Access& access, const SetMetadata& change);
void perform(Access& access, const SetPower& change);
void perform(Access& access, const SetBootBindings& change);
void perform(Access& access, const SetOwnFile& change);
void perform(Access& access, const SetKernelOptions& change);
void perform(Access& access, const SetHugePages& change);
void perform(Access& access, const SetTunable& change);
void perform(Access& access, const SetSeed& change);
void perform(Access& access, const SetConsole& change);
void perform(Access& access, const SetFramebuffer& change);
/// A guest is asked again to release a device after `ask_again`. If the hypervisor goes away, connecting is
/// tried until the time is over.
Progressed perform(Access& access, const SetDevice& change,
                   std::chrono::milliseconds ask_again = std::chrono::seconds(20));

}  // namespace gpupass
