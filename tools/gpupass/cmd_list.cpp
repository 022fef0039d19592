// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "exit_status.hpp"
#include "gpupass/names.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

/// Only what is on vfio-pci can be held by a guest that libvirt does not know: then all processes are looked
/// at.
bool any_on_vfio(const System& system) {
  const auto names = system.list("/sys/bus/pci/drivers/vfio-pci");
  return names && std::ranges::any_of(
                      *names, [](const std::string& name) { return PciAddress::parse(name).has_value(); });
}

int run_list(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  const auto system = open_machine(invocation);
  const Host host =
      look(invocation, *system, {.links = true, .domains = true, .holders = any_on_vfio(*system)});
  const std::vector<Assessment> gpus = assess(host);
  print(invocation.json ? render_list_json(host, gpus, pci_names()) : render_list(host, gpus, pci_names()));
  return kDone;
}

}  // namespace

const Verb list_verb = {
    .name = "list",
    .arguments = "",
    .summary = "List the GPUs: who has them, and whether they can be given away",
    .later = {},
    .run = run_list,
};

}  // namespace gpupass
