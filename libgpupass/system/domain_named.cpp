// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

namespace {

template <typename T>
void expect_answer(const Fact<T>& fact, const std::string& name) {
  if (fact.unknown())
    throw Error(ErrorCode::Unavailable, name, "cannot read domain " + name + ": " + fact.why());
}

}  // namespace

Fact<DomainXml> domain_named(System& system, const std::string& name) {
  if (system.live() || !system.hypervisor_uri().empty()) {
    Fact<DomainXml> domain = system.hypervisor().domain(name);
    expect_answer(domain, name);
    return domain;
  }
  const Fact<std::vector<DomainXml>> domains = system.ask(DomainsQuestion{});
  expect_answer(domains, name);
  if (!domains) return Absent{};
  const auto found = std::ranges::find(*domains, name, &DomainXml::name);
  return found != domains->end() ? Fact<DomainXml>(*found) : Absent{};
}

}  // namespace gpupass
