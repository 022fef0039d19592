// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <utility>

#include "carry_out.hpp"
#include "gpu_verbs.hpp"
#include "gpupass/policy.hpp"
#include "machine.hpp"
#include "options/mig_options.hpp"
#include "options/slice_options.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

Plan plan_for_mig(const Host& host, PciAddress gpu, const SliceOptions& options) {
  const std::vector<std::string>& names = *options.mig;
  const auto is_word = [&](const char* word) { return names.size() == 1 && names.front() == word; };
  if (options.create) return plan_mig_create(host, gpu, is_word(kMigOn) ? std::vector<std::string>() : names);
  if (is_word(kMigOff)) return plan_mig(host, {{.gpu = gpu, .enabled = false, .profiles = {}}});
  return plan_mig_destroy(host, gpu, is_word(kMigAll) ? std::vector<std::string>() : names);
}

Plan plan_to_create(const Invocation& invocation, const Host& host, const Selection& selection,
                    const SliceOptions& options) {
  if (options.mig_file) return plan_mig(host, mig_wishes_of_file(invocation, host));
  const PciAddress gpu = only_gpu(invocation, selection.gpus, invocation.arguments.back());
  if (options.mig) return plan_for_mig(host, gpu, options);
  return options.typed ? plan_slice_create(host, gpu, *options.typed)
                       : plan_slice_create(host, gpu, options.vfs);
}

Plan plan_of(const Invocation& invocation, const Host& host, const Selection& selection,
             const NamedDevices& named, const SliceOptions& options) {
  if (options.create) return plan_to_create(invocation, host, selection, options);
  if (!options.mig) return plan_slice_destroy(host, all_devices(selection.gpus, named.mediated));
  return plan_for_mig(host, only_gpu(invocation, selection.gpus, invocation.arguments.back()), options);
}

int run_slice(const Invocation& invocation) {
  expect_arguments(invocation, 1, kAnyNumber);
  const SliceOptions options = slice_options(invocation);
  if (options.mig_file)
    expect_arguments(invocation, 1, 1);
  else
    expect_arguments(invocation, 2, options.create || options.mig ? 2 : kAnyNumber);
  const auto system = open_machine(invocation);
  Parts parts = needs(Verb::Slice);
  parts.mig = options.mig || options.mig_file;  // It takes a second.
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    NamedDevices named;
    if (options.create && !options.mig_file)
      named.gpus = {now.arguments.back()};
    else
      named = named_devices(now);
    Host host = look(now, *system, parts, named.gpus);
    Selection selection;
    if (!named.gpus.empty()) selection = chosen_gpus(now, host, named.gpus);
    Plan plan = plan_of(now, host, selection, named, options);
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
