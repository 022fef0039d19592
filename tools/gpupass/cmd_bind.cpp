// SPDX-License-Identifier: GPL-2.0-or-later
#include "at_boot.hpp"
#include "gpu_verbs.hpp"
#include "gpupass/error.hpp"
#include "options/bind_options.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

void describe_bind(po::options_description& options) {
  describe_bind_options(options);
  auto add = options.add_options();
  add("persist", "bind them early on every boot, too");
  add("at-boot", "bind what --persist recorded; the systemd unit does this");
}

int run_bind(const Invocation& invocation) {
  if (invocation.has("at-boot") &&
      (invocation.has("persist") || invocation.has("force") || invocation.has("stop")))
    throw Error(ErrorCode::Usage, "command line",
                "cannot bind with --at-boot and --persist, --force or --stop", "use --at-boot alone");
  if (invocation.has("at-boot")) return do_at_boot(invocation, needs(Verb::Bind), plan_boot, Rounds::One);
  const BindOptions options = bind_options(invocation);
  const auto plan = invocation.has("persist") ? plan_bind_at_boot : plan_bind;
  return move_gpus(invocation, Verb::Bind, [&](const Host& host, const std::vector<PciAddress>& gpus) {
    return plan(host, gpus, options);
  });
}

}  // namespace

const Command bind_verb = {
    .name = "bind",
    .arguments = "GPU...",
    .summary = "Give GPUs to vfio-pci, with everything that must move with them",
    .example = "bind --dry-run 65:00.0",
    .effect = Effect::ChangesDevices,
    .describe = describe_bind,
    .later = {},
    .run = run_bind,
};

}  // namespace gpupass
