// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "exit_status.hpp"
#include "gpupass/error.hpp"
#include "gpupass/names.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "result_file.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int draw(const Invocation& invocation) {
  const auto file = invocation.options["svg"].as<std::string>();
  if (invocation.json || invocation.has("matrix"))
    throw Error(ErrorCode::Usage, "--svg", "cannot use --svg with --json or --matrix: one answer at a time",
                "run gpupass topology for each");
  expect_result_file(invocation, file);
  const Host host = look(invocation, needs(Verb::Topology) | needs(Verb::Status));
  write_result(invocation, file, render_topology_svg(host, picture_of(host), pci_names()));
  tell_limits(invocation, host);
  return kDone;
}

std::string answer(const Invocation& invocation, const Host& host, const View& view) {
  if (!invocation.has("matrix"))
    return invocation.json ? render_topology_json(host, pci_names())
                           : render_topology(host, pci_names(), view);
  const WayMatrix matrix = assess_ways(host);
  return invocation.json ? render_matrix_json(host, matrix, pci_names()) : render_matrix(host, matrix, view);
}

int run_topology(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  if (invocation.has("svg")) return draw(invocation);
  const Host host = look(invocation, needs(Verb::Topology));
  print(answer(invocation, host, view_on(STDOUT_FILENO, invocation)));
  tell_limits(invocation, host);
  return kDone;
}

void describe_topology(po::options_description& options) {
  auto add = options.add_options();
  add("matrix", "how each GPU and network card reaches each, in nvidia-smi's words");
  add("svg", po::value<std::string>()->value_name("FILE"), "a drawing of the machine; - is stdout");
}

}  // namespace

const Command topology_verb = {
    .name = "topology",
    .arguments = "",
    .summary = "Draw the way from each NUMA node to its GPUs, network cards and NVMe drives",
    .example = "topology",
    .describe = describe_topology,
    .later = {},
    .run = run_topology,
};

}  // namespace gpupass
