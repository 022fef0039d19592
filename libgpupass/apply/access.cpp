// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/access.hpp"

#include "apply/failure.hpp"

namespace gpupass {

std::optional<DomainXml> Access::domain(const std::string& name) const {
  const Fact<DomainXml> domain = system_.hypervisor().domain(name);
  if (domain) return *domain;
  if (domain.absent()) return std::nullopt;
  throw failure(ErrorCode::System, "look up domain", name, domain.why(), "an answer");
}

Hypervisor& Access::guests() {
  Hypervisor& hypervisor = system_.hypervisor();
  touch();
  return hypervisor;
}

void Access::wait_for_change(const std::string& name, std::chrono::milliseconds timeout) {
  system_.hypervisor().wait_for_change(name, timeout);
}

}  // namespace gpupass
