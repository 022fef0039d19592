// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "base/domain_xml.hpp"
#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "policy/closure.hpp"
#include "policy/guest.hpp"
#include "policy/rebind.hpp"

namespace gpupass {

namespace {

/// The definition as libvirt must be given it.
std::string definition(const std::string& name, const std::string& xml, const DomainXml* existing) {
  if (const std::string own = domain_name(xml); own != name)
    throw Error(
        ErrorCode::Malformed, name,
        fmt::format("cannot define {}: saw {:?} as the name in the XML, expected {:?}", name, own, name));
  if (!existing) return xml;
  return with_uuid_of(existing->persistent ? existing->persistent_xml : existing->live_xml, xml);
}

void add_definition(Plan& plan, const std::string& name, const std::string& xml, const DomainXml* existing) {
  SetDomain undo{name, std::nullopt};
  if (existing && existing->persistent) undo.xml = existing->persistent_xml;
  if (undo.xml == xml) return;
  plan.steps.push_back({(undo.xml ? "redefine guest " : "define guest ") + name, "it was asked for",
                        SetDomain{name, xml}, undo});
  if (undo.xml) plan.notes.push_back(fmt::format("the present definition of {} is replaced", name));
  if (existing && existing->active)
    plan.notes.push_back(fmt::format("{} runs: the new definition counts from its next start", name));
}

void add_start(Plan& plan, const Host& host, const std::string& name, const std::vector<PciAddress>& gpus) {
  plan.steps.push_back(
      {fmt::format("start guest {}", name), "it was asked for", SetPower{name, true}, SetPower{name, false}});
  append(plan, {assumptions_of(host, closure_of(host, gpus)), {}, {}});
}

}  // namespace

Plan plan_define(const Host& host, const std::string& name, const std::string& xml,
                 const Placement& placement, const DomainXml* existing, Start start) {
  const std::string wanted = definition(name, xml, existing);
  const bool starts = start == Start::Yes && !(existing && existing->active);
  Plan plan;
  plan.assumes.push_back(assumption_of(name, existing));
  if (starts) {
    refuse_other_guests(host, placement.gpus, name, "start");
    append(plan, plan_bind(host, placement.gpus));
  }
  add_definition(plan, name, wanted, existing);
  if (starts) add_start(plan, host, name, placement.gpus);
  if (plan.steps.empty()) return {};
  note_other_wishes(plan, host, placement.gpus, name);
  note_reboot(plan, placement.gpus);
  return plan;
}

}  // namespace gpupass
