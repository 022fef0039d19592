// SPDX-License-Identifier: GPL-2.0-or-later
#include "gpu_verbs.hpp"
#include "options/attach_options.hpp"
#include "options/bind_options.hpp"
#include "verbs.hpp"

namespace gpupass {

const Command attach_verb = {
    .name = "attach",
    .arguments = "DOMAIN GPU...",
    .summary = "Give GPUs to a guest, while it runs and in its definition",
    .example = "attach guest1 65:00.0",
    .effect = Effect::ChangesDevices,
    .describe =
        [](po::options_description& options) {
          describe_attach_options(options);
          describe_bind_options(options);
        },
    .later = {},
    .run =
        [](const Invocation& invocation) {
          return move_gpus_of_guest(invocation, Verb::Attach, plan_attach);
        },
};

}  // namespace gpupass
