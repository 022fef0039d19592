// SPDX-License-Identifier: GPL-2.0-or-later
#include "exit_status.hpp"
#include "gpupass/journal.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run_history(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  const auto system = open_machine(invocation);
  const std::vector<Operation> operations = read_journal(*system);
  print(invocation.json ? render_history_json(operations) : render_history(operations));
  return kDone;
}

}  // namespace

const Command history_verb = {
    .name = "history",
    .arguments = "",
    .summary = "Show what was changed, and what was interrupted",
    .example = "history",
    .later = {},
    .run = run_history,
};

}  // namespace gpupass
