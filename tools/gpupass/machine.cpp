// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/render.hpp"
#include "locality.hpp"
#include "terminal.hpp"

namespace gpupass {

namespace {

/// Throws what keeps a fact from being known; nothing where it is known or certainly absent.
template <typename T>
void expect_known(const Fact<T>& fact, const std::string& subject) {
  if (fact.unknown())
    throw Error(ErrorCode::Unavailable, subject, "cannot read domain " + subject + ": " + fact.why());
}

}  // namespace

std::unique_ptr<System> open_machine(const Invocation& invocation) {
  return open_system(invocation.system);
}

Parts parts_for_devices() {
  return {.details = true,
          .config = true,
          .overrides = true,
          .iommu = true,
          .domains = true,
          .users = true,
          .uses = true,
          .boot = true};
}

Parts parts_for_placement() {
  Parts parts = parts_for_devices();
  parts.cpus = true;
  return parts;
}

Host look(const Invocation& invocation, const System& system, const Parts& parts,
          const std::vector<std::string>& names) {
  ProbeOptions options{.parts = parts, .also = named_addresses(names)};
  // Guests of another machine hold devices of that machine, at the same addresses as ours.
  const std::string uri = named_hypervisor(invocation.system);
  const bool elsewhere = options.parts.domains && system.live() && is_remote(uri);
  if (elsewhere) options.parts.domains = false;
  Host host = probe(system, options);
  if (elsewhere) host.limits.insert(host.limits.begin(), {"domains", uri + " may be another machine"});
  if (!invocation.json) tell(invocation, render_limits(host));
  return host;
}

std::vector<PciAddress> chosen_gpus(const Invocation& invocation, const Host& host,
                                    const std::vector<std::string>& names) {
  const Selection selection = select_gpus(host, names);
  if (!selection.passed_over.empty())
    tell(invocation, "passed over:\n" + render_findings(selection.passed_over));
  return selection.gpus;
}

std::optional<DomainXml> domain_named(const Invocation& invocation, System& system, const std::string& name) {
  if (system.live() || invocation.system.uri_given) {
    const Fact<DomainXml> domain = system.hypervisor().domain(name);
    expect_known(domain, name);
    return domain ? std::optional(*domain) : std::nullopt;
  }
  const Fact<std::vector<DomainXml>> domains = system.ask(DomainsQuestion{});
  expect_known(domains, name);
  if (!domains) return std::nullopt;
  const auto found = std::ranges::find(*domains, name, &DomainXml::name);
  return found != domains->end() ? std::optional(*found) : std::nullopt;
}

DomainXml present_domain(const Invocation& invocation, System& system, const std::string& name) {
  const std::optional<DomainXml> domain = domain_named(invocation, system, name);
  if (domain) return *domain;
  throw Error(ErrorCode::NotFound, name,
              fmt::format("cannot {}: there is no domain '{}'", invocation.verb->name, name),
              "virsh list --all lists them, gpupass define makes one");
}

}  // namespace gpupass
