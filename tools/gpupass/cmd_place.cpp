// SPDX-License-Identifier: GPL-2.0-or-later
#include "exit_status.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "names.hpp"
#include "request_options.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  const Request request = request_of(invocation);
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, parts_for_placement(), names_in(request));
  const Placement placement = place(host, request);
  print(invocation.json ? render_placement_json(host, placement) : render_placement(host, placement, pci_names()));
  return kDone;
}

}  // namespace

const Verb place_verb = {
    .name = "place",
    .arguments = "",
    .summary = "Choose GPUs, cores and memory for a guest, and say why",
    .describe = describe_request_options,
    .later = {"requests"},
    .run = run,
};

}  // namespace gpupass
