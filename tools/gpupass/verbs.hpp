// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "invocation.hpp"

/// Every verb that there is, each in a cmd_<verb>.cpp of its own.
namespace gpupass {

extern const Verb list_verb;
extern const Verb show_verb;
extern const Verb groups_verb;
extern const Verb topology_verb;
extern const Verb check_verb;
extern const Verb place_verb;
extern const Verb bind_verb;
extern const Verb release_verb;
extern const Verb xml_verb;
extern const Verb define_verb;
extern const Verb attach_verb;
extern const Verb detach_verb;
extern const Verb history_verb;
extern const Verb recover_verb;
extern const Verb capture_verb;

}  // namespace gpupass
