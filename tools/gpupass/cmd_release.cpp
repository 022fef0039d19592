// SPDX-License-Identifier: GPL-2.0-or-later
#include "gpu_verbs.hpp"
#include "verbs.hpp"

namespace gpupass {

const Verb release_verb = {
    .name = "release",
    .arguments = "GPU...",
    .summary = "Give GPUs back to the drivers from which bind took them",
    .effect = Effect::ChangesDevices,
    .later = {"persist", "force"},
    .run = [](const Invocation& invocation) { return move_gpus(invocation, plan_release); },
};

}  // namespace gpupass
