// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine.hpp"

#include <fmt/format.h>

#include "gpupass/error.hpp"
#include "gpupass/names.hpp"
#include "gpupass/render.hpp"
#include "terminal.hpp"

namespace gpupass {

std::unique_ptr<System> open_machine(const Invocation& invocation) {
  return open_system(invocation.system);
}

Host look(const Invocation& invocation, const System& system, const Parts& parts,
          const std::vector<std::string>& names) {
  const Host host = probe(system, {.parts = parts | needs_to_find(names), .named = named_addresses(names)});
  if (!invocation.json) tell(invocation, render_limits(host));
  return host;
}

std::vector<PciAddress> chosen_gpus(const Invocation& invocation, const Host& host,
                                    const std::vector<std::string>& names) {
  const Selection selection = select_gpus(host, names, pci_names());
  if (!selection.passed_over.empty())
    tell(invocation, "left out:\n" + render_findings(selection.passed_over));
  return selection.gpus;
}

void settle_gpus(const Invocation& invocation, const Host& host, Request& request) {
  const std::vector<PciAddress> gpus = chosen_gpus(invocation, host, request.gpus);
  request.gpus.clear();
  for (const PciAddress gpu : gpus) request.gpus.push_back(gpu.to_string());
}

std::optional<DomainXml> existing_domain(const Invocation& invocation, System& system,
                                         const std::string& name) {
  if (invocation.system.uri_given) system.hypervisor();  // Refuses where a captured machine must not ask it.
  const Fact<DomainXml> domain = domain_named(system, name);
  return domain ? std::optional(*domain) : std::nullopt;
}

DomainXml present_domain(const Invocation& invocation, System& system, const std::string& name) {
  const std::optional<DomainXml> domain = existing_domain(invocation, system, name);
  if (domain) return *domain;
  throw Error(ErrorCode::NotFound, name,
              fmt::format("cannot {}: there is no domain '{}'", invocation.verb->name, name),
              "virsh list --all lists them, gpupass define makes one");
}

}  // namespace gpupass
