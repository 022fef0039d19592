// SPDX-License-Identifier: GPL-2.0-or-later
#include "force_option.hpp"
#include "gpu_verbs.hpp"
#include "verbs.hpp"

namespace gpupass {

const Verb bind_verb = {
    .name = "bind",
    .arguments = "GPU...",
    .summary = "Give GPUs to vfio-pci, with everything that must move with them",
    .effect = Effect::ChangesDevices,
    .describe = describe_force_option,
    .later = {"persist"},
    .run =
        [](const Invocation& invocation) {
          const BindOptions options{forced_devices(invocation)};
          return move_gpus(invocation, [&](const Host& host, const std::vector<PciAddress>& gpus) {
            return plan_bind(host, gpus, options);
          });
        },
};

}  // namespace gpupass
