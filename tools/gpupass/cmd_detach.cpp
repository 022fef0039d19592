// SPDX-License-Identifier: GPL-2.0-or-later
#include "gpu_verbs.hpp"
#include "options/attach_options.hpp"
#include "verbs.hpp"

namespace gpupass {

const Command detach_verb = {
    .name = "detach",
    .arguments = "DOMAIN GPU...",
    .summary = "Take GPUs from a guest, and wait until it has released them",
    .example = "detach guest1 65:00.0",
    .effect = Effect::ChangesDevices,
    .describe = describe_attach_options,
    .later = {},
    .run =
        [](const Invocation& invocation) {
          return move_gpus_of_guest(invocation, Verb::Detach, plan_detach);
        },
};

}  // namespace gpupass
