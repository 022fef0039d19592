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

/// The groups with a GPU that the user named; all, if none is.
std::vector<GroupAssessment> chosen_groups(const Invocation& invocation, const Host& host) {
  std::vector<GroupAssessment> groups = assess_groups(host);
  if (invocation.arguments.empty()) return groups;
  const std::vector<PciAddress> gpus = chosen_gpus(invocation, host, invocation.arguments).gpus;
  std::erase_if(groups, [&](const GroupAssessment& group) {
    return std::ranges::none_of(group.members, [&](const GroupMember& member) {
      return std::ranges::find(gpus, member.address) != gpus.end();
    });
  });
  return groups;
}

int run_groups(const Invocation& invocation) {
  expect_arguments(invocation, 0, kAnyNumber);
  const Parts parts =
      invocation.arguments.empty() ? needs(Verb::Groups) : needs(Verb::Groups) | needs(Verb::List);
  const Host host = look(invocation, parts, invocation.arguments);
  const std::vector<GroupAssessment> groups = chosen_groups(invocation, host);
  print(invocation.json ? render_groups_json(host, groups)
                        : render_groups(host, groups, pci_names(), view_on(STDOUT_FILENO, invocation)));
  tell_limits(invocation, host);
  return kDone;
}

}  // namespace

const Command groups_verb = {
    .name = "groups",
    .arguments = "[GPU...]",
    .summary = "Show the IOMMU groups: their members, and whether they are isolated",
    .example = "groups",
    .later = {},
    .run = run_groups,
};

}  // namespace gpupass
