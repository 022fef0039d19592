// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

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
  if (!invocation.hosts.empty()) return invocation.hosts.front().host;
  const Host host = probe(system, {.parts = parts | needs_to_find(names), .named = named_addresses(names)});
  if (!invocation.json && invocation.verbose) tell(invocation, render_limits(host));
  return host;
}

Host look(const Invocation& invocation, const Parts& parts, const std::vector<std::string>& names) {
  return look(invocation, *open_machine(invocation), parts, names);
}

void tell_limits(const Invocation& invocation, const Host& host) {
  if (host.limits.empty() || invocation.json || invocation.verbose) return;
  if (host.limits.size() == 1) return tell(invocation, render_limits(host));
  const bool may_see_more = geteuid() != 0 && !invocation.root_given;
  tell(invocation, fmt::format("{} things could not be seen: -v says what and why{}\n", host.limits.size(),
                               may_see_more ? "; root sees more" : ""));
}

void tell_limits(const Invocation& invocation, const Host& host, const std::vector<Assessment>& gpus) {
  const auto in_doubt = [](const Assessment& gpu) {
    return gpu.assignable == Answer::Unknown || gpu.state == GpuState::Unknown;
  };
  if (std::ranges::any_of(gpus, in_doubt) || invocation.system.uri_given) tell_limits(invocation, host);
}

void tell_passed_over(const Invocation& invocation, const Selection& selection) {
  tell(invocation, render_passed_over(selection.passed_over, view_on(STDERR_FILENO)));
}

Selection chosen_gpus(const Invocation& invocation, const Host& host, const std::vector<std::string>& names) {
  Selection selection = select_gpus(host, names, pci_names());
  tell_passed_over(invocation, selection);
  return selection;
}

std::vector<Finding> settle_gpus(const Invocation& invocation, const Host& host, Request& request) {
  Selection selection = chosen_gpus(invocation, host, request.gpus);
  request.gpus.clear();
  for (const PciAddress gpu : selection.gpus) request.gpus.push_back(gpu.to_string());
  return std::move(selection.passed_over);
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
