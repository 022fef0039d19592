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

int run_list(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  Parts parts = needs(Verb::List);
  if (invocation.json) parts = parts | kSerialNumbers;
  const Host host = look(invocation, parts);
  const std::vector<Assessment> gpus = assess(host);
  print(invocation.json ? render_list_json(host, gpus, pci_names())
                        : render_list(host, gpus, pci_names(), view_on(STDOUT_FILENO, invocation)));
  tell_limits(invocation, host, gpus);
  return kDone;
}

}  // namespace

const Command list_verb = {
    .name = "list",
    .arguments = "",
    .summary = "List the GPUs: who has them, and whether they can be given away",
    .example = "list",
    .later = {},
    .run = run_list,
};

}  // namespace gpupass
