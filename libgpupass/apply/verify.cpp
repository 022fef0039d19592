// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/verify.hpp"

#include "apply/absence.hpp"
#include "values/may_block.hpp"

namespace gpupass {

namespace {

std::string unknown(const std::string& why) {
  return "unknown (" + why + ")";
}

/// The text of a fact; what is absent is empty.
std::string text(const Fact<std::string>& fact) {
  return fact.unknown() ? unknown(fact.why()) : fact.value_or("");
}

std::string link_seen(const System& system, const std::string& path) {
  const Fact<std::string> target = system.link(path);
  return target ? target->substr(target->rfind('/') + 1) : text(target);
}

std::string attribute_seen(const System& system, const std::string& path) {
  return text(may_block(path) ? system.read_guarded(path) : system.read(path));
}

std::string domain_seen(System& system, const std::string& name) {
  const Fact<DomainXml> domain = system.hypervisor().domain(name);
  return domain.unknown() ? unknown(domain.why()) : fingerprint(domain ? &*domain : nullptr);
}

/// What the machine says now, in the assumption's own terms.
std::string seen(System& system, const Assumption& assumption) {
  switch (assumption.kind) {
    case Assumption::Kind::Link:
      return link_seen(system, assumption.subject);
    case Assumption::Kind::Attribute:
      return attribute_seen(system, assumption.subject);
    case Assumption::Kind::Domain:
      return domain_seen(system, assumption.subject);
  }
  return {};
}

std::string quoted(const std::string& text) {
  return text.empty() ? "nothing" : text;
}

}  // namespace

bool holds(System& system, const Assumption& assumption) {
  return seen(system, assumption) == assumption.expected;
}

void require_fresh(System& system, const Plan& plan) {
  for (const Assumption& assumption : plan.assumes)
    if (const std::string now = seen(system, assumption); now != assumption.expected)
      throw Error(ErrorCode::Busy, assumption.subject,
                  fmt::format("cannot apply the plan to {}: saw {}, expected {}", assumption.subject,
                              quoted(now), quoted(assumption.expected)),
                  "the machine changed after the plan was made: try again");
}

}  // namespace gpupass
