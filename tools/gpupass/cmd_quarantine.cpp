// SPDX-License-Identifier: GPL-2.0-or-later
#include "gpu_verbs.hpp"
#include "gpupass/error.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

void describe_quarantine(po::options_description& options) {
  auto add = options.add_options();
  add("reason", po::value<std::string>()->value_name("TEXT"), "why no guest may have them");
  add("release", "let guests have them again");
}

int run_quarantine(const Invocation& invocation) {
  const bool release = invocation.has("release");
  if (release && invocation.has("reason"))
    throw Error(ErrorCode::Usage, "--reason", "cannot use --reason with --release", "use one of them");
  if (!release && !invocation.has("reason"))
    throw Error(ErrorCode::Usage, "--reason", "cannot quarantine without a reason: expected --reason TEXT",
                "gpupass quarantine --reason 'fell off the bus' 65:00.0");
  const std::string reason = release ? "" : invocation.options["reason"].as<std::string>();
  return move_gpus(invocation, Verb::Quarantine, [&](const Host& host, const std::vector<PciAddress>& gpus) {
    return release ? plan_quarantine_release(host, gpus) : plan_quarantine(host, gpus, reason);
  });
}

}  // namespace

const Command quarantine_verb = {
    .name = "quarantine",
    .arguments = "GPU...",
    .summary = "Keep GPUs from every guest until somebody has looked at them",
    .example = "quarantine --reason 'fell off the bus' 65:00.0",
    .effect = Effect::ChangesDevices,
    .describe = describe_quarantine,
    .later = {},
    .run = run_quarantine,
};

}  // namespace gpupass
