// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "invocation.hpp"

/// Every verb that there is, each in a cmd_<verb>.cpp of its own.
namespace gpupass {

extern const Command status_verb;
extern const Command list_verb;
extern const Command show_verb;
extern const Command groups_verb;
extern const Command topology_verb;
extern const Command check_verb;
extern const Command place_verb;
extern const Command give_verb;
extern const Command take_verb;
extern const Command bind_verb;
extern const Command release_verb;
extern const Command slices_verb;
extern const Command slice_verb;
extern const Command boot_verb;
extern const Command apply_verb;
extern const Command assert_verb;
extern const Command export_verb;
extern const Command prepare_verb;
extern const Command tune_verb;
extern const Command quarantine_verb;
extern const Command handover_verb;
extern const Command validate_verb;
extern const Command hook_verb;
extern const Command xml_verb;
extern const Command define_verb;
extern const Command run_verb;
extern const Command attach_verb;
extern const Command detach_verb;
extern const Command history_verb;
extern const Command undo_verb;
extern const Command recover_verb;
extern const Command capture_verb;

}  // namespace gpupass
