// SPDX-License-Identifier: GPL-2.0-or-later
#include "gpu_verbs.hpp"
#include "verbs.hpp"

namespace gpupass {

const Verb bind_verb = {
    .name = "bind",
    .arguments = "GPU...",
    .summary = "Give GPUs to vfio-pci, with everything that must move with them",
    .effect = Effect::ChangesDevices,
    .later = {"persist", "force"},
    .run = [](const Invocation& invocation) { return move_gpus(invocation, plan_bind); },
};

}  // namespace gpupass
