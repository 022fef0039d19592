// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <utility>

#include "carry_out.hpp"
#include "gpu_verbs.hpp"
#include "gpupass/policy.hpp"
#include "machine.hpp"
#include "options/slice_options.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

/// A GPU by its own name loses its virtual functions. Other names are those of slices.
bool is_physical(const Host& host, PciAddress gpu) {
  const PciFunction* function = find_function(host, gpu);
  return function && !function->physical_function;
}

Plan plan_to_destroy(const Host& host, const std::vector<PciAddress>& gpus,
                     const std::vector<DeviceId>& mediated) {
  if (gpus.size() == 1 && mediated.empty() && is_physical(host, gpus.front()))
    return plan_slice_destroy(host, gpus.front());
  return plan_slice_destroy(host, all_devices(gpus, mediated));
}

Plan plan_to_create(const Invocation& invocation, const Host& host, const Selection& selection,
                    const SliceOptions& options) {
  const PciAddress gpu = only_gpu(invocation, selection.gpus, invocation.arguments.back());
  return options.typed ? plan_slice_create(host, gpu, *options.typed)
                       : plan_slice_create(host, gpu, options.vfs);
}

int run_slice(const Invocation& invocation) {
  expect_arguments(invocation, 2, kAnyNumber);
  const SliceOptions options = slice_options(invocation);
  if (options.create) expect_arguments(invocation, 2, 2);
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    NamedDevices named;
    if (options.create)
      named.gpus = {now.arguments.back()};
    else
      named = named_devices(now);
    Host host = look(now, *system, needs(Verb::Slice), named.gpus);
    Selection selection;
    if (!named.gpus.empty()) selection = chosen_gpus(now, host, named.gpus);
    Plan plan = options.create ? plan_to_create(now, host, selection, options)
                               : plan_to_destroy(host, selection.gpus, named.mediated);
    return {std::move(host), std::move(plan), std::move(selection.passed_over)};
  });
}

}  // namespace

const Command slice_verb = {
    .name = "slice",
    .arguments = "create|destroy GPU...",
    .summary = "Cut a GPU into slices, or take them away",
    .example = "slice create 65:00.0 --vfs 4",
    .effect = Effect::ChangesDevices,
    .describe = describe_slice_options,
    .later = {},
    .run = run_slice,
};

}  // namespace gpupass
