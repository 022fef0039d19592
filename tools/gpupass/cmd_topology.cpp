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

int run_topology(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, needs(Verb::Topology));
  print(invocation.json ? render_topology_json(host, pci_names())
                        : render_topology(host, pci_names(), view_on(STDOUT_FILENO, invocation)));
  tell_limits(invocation, host);
  return kDone;
}

}  // namespace

const Command topology_verb = {
    .name = "topology",
    .arguments = "",
    .summary = "Draw the way from each NUMA node to its GPUs, network cards and NVMe drives",
    .example = "topology",
    .later = {"svg"},
    .run = run_topology,
};

}  // namespace gpupass
