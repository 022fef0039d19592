// SPDX-License-Identifier: GPL-2.0-or-later
#include "gpu_verbs.hpp"
#include "options/attach_options.hpp"
#include "verbs.hpp"

namespace gpupass {

const Command take_verb = {
    .name = "take",
    .arguments = "DOMAIN GPU...",
    .summary = "Take GPUs from a guest, back to the host",
    .example = "take guest1 65:00.0",
    .effect = Effect::ChangesDevices,
    .describe = describe_timeout,
    .later = {},
    .run = [](const Invocation& invocation) { return move_gpus_of_guest(invocation, Verb::Take, plan_take); },
};

}  // namespace gpupass
