// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "exit_status.hpp"
#include "gpupass/names.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "options/mig_options.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run_slices(const Invocation& invocation) {
  expect_arguments(invocation, 0, kAnyNumber);
  const bool wants_mig = asks_for_mig(invocation);
  const Host host = look(invocation, needs(Verb::Slices), invocation.arguments);
  Selection selection;
  if (!invocation.arguments.empty()) selection = chosen_gpus(invocation, host, invocation.arguments);
  if (wants_mig) {
    const std::vector<MigFit> fits = fit_mig(host, mig_wishes_of(invocation, host, selection.gpus));
    print(invocation.json ? render_mig_fits_json(host, fits, pci_names(), selection.passed_over)
                          : render_mig_fits(host, fits, view_on(STDOUT_FILENO, invocation)));
    return kDone;
  }
  const std::vector<SliceAssessment> gpus = assess_slices(host, selection.gpus);
  print(invocation.json ? render_slices_json(host, gpus, pci_names(), selection.passed_over)
                        : render_slices(host, gpus, pci_names(), view_on(STDOUT_FILENO, invocation)));
  tell_limits(invocation, host);
  return kDone;
}

}  // namespace

const Command slices_verb = {
    .name = "slices",
    .arguments = "[GPU...]",
    .summary = "Show what GPUs can be cut into, and the slices that there are",
    .example = "slices",
    .describe = describe_mig_options,
    .later = {},
    .run = run_slices,
};

}  // namespace gpupass
