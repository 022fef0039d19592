// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <algorithm>

#include "exit_status.hpp"
#include "gpupass/names.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run_show(const Invocation& invocation) {
  expect_arguments(invocation, 1, kAnyNumber);
  const Host host = look(invocation, needs(Verb::Show), invocation.arguments);
  const Selection selection = chosen_gpus(invocation, host, invocation.arguments);
  const std::vector<PciAddress>& chosen = selection.gpus;
  std::vector<Assessment> gpus = assess(host, chosen);
  std::erase_if(gpus, [&](const Assessment& gpu) { return !std::ranges::binary_search(chosen, gpu.device); });
  print(invocation.json ? render_show_json(host, gpus, pci_names(), selection.passed_over)
                        : render_show(host, gpus, pci_names(), view_on(STDOUT_FILENO, invocation)));
  tell_limits(invocation, host, gpus);
  return kDone;
}

}  // namespace

const Command show_verb = {
    .name = "show",
    .arguments = "GPU...",
    .summary = "Show everything that is known about a GPU, and why it can or cannot be given away",
    .example = "show 65:00.0",
    .later = {},
    .run = run_show,
};

}  // namespace gpupass
