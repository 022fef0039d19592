// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <utility>

#include "carry_out.hpp"
#include "gpu_verbs.hpp"
#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "help.hpp"
#include "machine.hpp"
#include "options/number_option.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

constexpr unsigned kMostVfs = 65535;  // SR-IOV counts them with 16 bits.

void describe_slice(po::options_description& options) {
  options.add_options()("vfs", po::value<std::string>()->value_name("N"),
                        "create: the number of virtual functions");
}

/// How many virtual functions there are to be.
unsigned wanted_vfs(const Invocation& invocation) {
  const std::string& what = invocation.arguments.front();
  const auto count = number_option(invocation, "vfs", 1, kMostVfs);
  if (what == "create" && !count)
    throw Error(ErrorCode::Usage, "--vfs", "cannot slice: saw no --vfs, expected one with create",
                usage_line(*invocation.verb));
  if (what == "destroy" && count)
    throw Error(ErrorCode::Usage, "--vfs", "cannot slice: saw --vfs with destroy, which takes all away",
                "gpupass slice create --vfs sets another number");
  if (what != "create" && what != "destroy")
    throw Error(ErrorCode::Usage, what, fmt::format("cannot slice: saw {}, expected create or destroy", what),
                usage_line(*invocation.verb));
  return count.value_or(0);
}

int run_slice(const Invocation& invocation) {
  expect_arguments(invocation, 2, 2);
  const unsigned vfs = wanted_vfs(invocation);
  const std::vector<std::string> names = {invocation.arguments.back()};
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    Host host = look(now, *system, needs(Verb::Slice), names);
    Selection selection = chosen_gpus(now, host, names);
    const PciAddress gpu = only_gpu(now, selection.gpus, names.front());
    Plan plan = vfs > 0 ? plan_slice_create(host, gpu, vfs) : plan_slice_destroy(host, gpu);
    return {std::move(host), std::move(plan), std::move(selection.passed_over)};
  });
}

}  // namespace

const Command slice_verb = {
    .name = "slice",
    .arguments = "create|destroy GPU",
    .summary = "Cut a GPU into virtual functions, or take them away",
    .example = "slice create 65:00.0 --vfs 4",
    .effect = Effect::ChangesDevices,
    .describe = describe_slice,
    .later = {},
    .run = run_slice,
};

}  // namespace gpupass
