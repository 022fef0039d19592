// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "exit_status.hpp"
#include "gpupass/names.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run_slices(const Invocation& invocation) {
  expect_arguments(invocation, 0, kAnyNumber);
  const Host host = look(invocation, needs(Verb::Slices), invocation.arguments);
  Selection selection;
  if (!invocation.arguments.empty()) selection = chosen_gpus(invocation, host, invocation.arguments);
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
    .later = {},
    .run = run_slices,
};

}  // namespace gpupass
