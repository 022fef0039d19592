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

int run_groups(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, needs(Verb::Groups));
  const std::vector<GroupAssessment> groups = assess_groups(host);
  print(invocation.json ? render_groups_json(host, groups)
                        : render_groups(host, groups, pci_names(), view_on(STDOUT_FILENO, invocation)));
  tell_limits(invocation, host);
  return kDone;
}

}  // namespace

const Command groups_verb = {
    .name = "groups",
    .arguments = "",
    .summary = "Show the IOMMU groups: their members, and whether they are isolated",
    .example = "groups",
    .later = {},
    .run = run_groups,
};

}  // namespace gpupass
