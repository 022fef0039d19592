// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "exit_status.hpp"
#include "gpupass/names.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

std::string answer(const Invocation& invocation, const Host& host, const View& view) {
  if (!invocation.has("matrix"))
    return invocation.json ? render_topology_json(host, pci_names())
                           : render_topology(host, pci_names(), view);
  const WayMatrix matrix = assess_ways(host);
  return invocation.json ? render_matrix_json(host, matrix, pci_names()) : render_matrix(host, matrix, view);
}

int run_topology(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, needs(Verb::Topology));
  print(answer(invocation, host, view_on(STDOUT_FILENO, invocation)));
  tell_limits(invocation, host);
  return kDone;
}

void describe_topology(po::options_description& options) {
  options.add_options()("matrix", "how each GPU and network card reaches each, in nvidia-smi's words");
}

}  // namespace

const Command topology_verb = {
    .name = "topology",
    .arguments = "",
    .summary = "Draw the way from each NUMA node to its GPUs, network cards and NVMe drives",
    .example = "topology",
    .describe = describe_topology,
    .later = {"svg"},
    .run = run_topology,
};

}  // namespace gpupass
