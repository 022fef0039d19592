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

std::vector<std::string> gpu_names(const Invocation& invocation) {
  std::vector<std::string> names(invocation.arguments.begin() + 1, invocation.arguments.end());
  std::erase_if(names, [](const std::string& name) { return mediated_device(name).has_value(); });
  return names;
}

/// A GPU by its own name loses its virtual functions. Other names are those of slices.
bool is_physical(const Host& host, PciAddress gpu) {
  const PciFunction* function = find_function(host, gpu);
  return function && !function->physical_function;
}

Plan plan_to_destroy(const Invocation& invocation, const Host& host, const Selection& selection) {
  std::vector<DeviceId> slices(selection.gpus.begin(), selection.gpus.end());
  for (const std::string& name : invocation.arguments)
    if (const auto device = mediated_device(name)) slices.push_back(*device);
  if (slices.size() == 1 && selection.gpus.size() == 1 && is_physical(host, selection.gpus.front()))
    return plan_slice_destroy(host, selection.gpus.front());
  return plan_slice_destroy(host, slices);
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
    const std::vector<std::string> names =
        options.create ? std::vector{now.arguments.back()} : gpu_names(now);
    Host host = look(now, *system, needs(Verb::Slice), names);
    Selection selection;
    if (!names.empty()) selection = chosen_gpus(now, host, names);
    Plan plan = options.create ? plan_to_create(now, host, selection, options)
                               : plan_to_destroy(now, host, selection);
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
