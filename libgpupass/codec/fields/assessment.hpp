// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "codec/fields/field.hpp"
#include "gpupass/assess.hpp"

/// What policy says of a device.
namespace gpupass {

void fields(auto& visit, Is<Finding> auto& finding) {
  visit("id", finding.id);
  visit("verdict", finding.verdict);
  visit("subject", finding.subject);
  visit("message", finding.message);
  visit("remedy", finding.remedy);
}

void fields(auto& visit, Is<Selection> auto& selection) {
  visit("gpus", selection.gpus);
  visit("passed_over", selection.passed_over);
}

void fields(auto& visit, Is<GroupMember> auto& member) {
  visit("address", member.address);
  visit("role", member.role);
}

void fields(auto& visit, Is<Isolation> auto& isolation) {
  visit("kernel", isolation.kernel);
  visit("acs", isolation.acs);
  visit("peers", isolation.peers);
  visit("merged_by", isolation.merged_by);
  visit("why", isolation.why);
}

void fields(auto& visit, Is<Assessment> auto& assessment) {
  visit("address", assessment.device);
  visit("virtual_function", assessment.virtual_function);
  visit("functions", assessment.functions);
  visit("state", assessment.state);
  visit("domain", assessment.domain);
  visit("wanted_by", assessment.wanted_by);
  visit("assignable", assessment.assignable);
  visit("reasons", assessment.reasons);
  visit("group_members", assessment.group_members, kAddedLater);
  visit("isolation", assessment.isolation, kAddedLater);
  visit("bound_at_boot", assessment.bound_at_boot, kAddedLater);
}

}  // namespace gpupass
