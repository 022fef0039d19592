// SPDX-License-Identifier: GPL-2.0-or-later
#include "gpu_verbs.hpp"
#include "options/bind_options.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

void describe_give(po::options_description& options) {
  auto add = options.add_options();
  add("start", "start the guest, if it is off");
  add("persist", "bind the GPUs early on every boot, too");
  describe_bind_options(options);
}

int run_give(const Invocation& invocation) {
  return move_gpus_of_guest(invocation, Verb::Give,
                            [&](const Host& host, const DomainXml& domain, const std::vector<DeviceId>& gpus,
                                const AttachOptions& attach) {
                              const Start start = invocation.has("start") ? Start::Yes : Start::No;
                              return plan_give(host, domain, gpus,
                                               {start, invocation.has("persist"), attach});
                            });
}

}  // namespace

const Command give_verb = {
    .name = "give",
    .arguments = "DOMAIN GPU...",
    .summary = "Give GPUs to a guest: the whole job",
    .example = "give --start guest1 65:00.0",
    .effect = Effect::ChangesDevices,
    .describe = describe_give,
    .later = {},
    .run = run_give,
};

}  // namespace gpupass
