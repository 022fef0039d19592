// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "policy/check/rules.hpp"
#include "policy/isolation/acs_override.hpp"
#include "values/card.hpp"
#include "values/text.hpp"

namespace gpupass {

void check_isolation(const Host& host, const Assessment& assessment, Findings& findings) {
  const PciFunction& gpu = function_at(host, function_of(assessment.device));
  const Isolation& isolation = assessment.isolation;
  if (!gpu.iommu_group) return;  // A guard tells.
  const std::string name = gpu.address.to_string();
  if (isolation.acs == Answer::No && !isolation.peers.empty())
    findings.push_back(
        {"group.peers", Verdict::Warn, name,
         fmt::format("{} can be reached past the IOMMU by {}", name, addresses_text(isolation.peers)),
         "put the card below a port that has ACS"});
  else if (isolation.acs == Answer::Unknown)
    findings.push_back({"group.peers", Verdict::Unknown, name,
                        fmt::format("it is not known whether others can reach {} past the IOMMU: {}", name,
                                    isolation.why.empty() ? "it was not read" : isolation.why),
                        ""});
}

/// A member that a driver of the host uses is told by a guard; others are no obstacle now, but go along.
void check_shared_group(const Host&, const Assessment& gpu, Findings& findings) {
  const auto of_group = [](const Finding& reason) { return reason.id.starts_with("group."); };
  if (gpu.isolation.kernel != Answer::No || std::ranges::any_of(gpu.reasons, of_group)) return;
  std::vector<PciAddress> others;
  for (const GroupMember& member : gpu.group_members)
    if (member.role == Role::Other ||
        (member.role == Role::Gpu && std::ranges::find(gpu.functions, member.address) == gpu.functions.end()))
      others.push_back(member.address);
  if (others.empty()) return;
  const std::string name = gpu.device.to_string();
  findings.push_back(
      {"group.shared", Verdict::Warn, name,
       fmt::format("{} shares its IOMMU group with {}: whoever has one of them has all, and no driver of "
                   "the host may use them meanwhile",
                   name, addresses_text(others)),
       "put the card into another slot, one whose port has ACS"});
}

// The guards and the rules above tell what is not so.
void check_isolated(const Host& host, const Assessment& gpu, Findings& findings) {
  if (gpu.isolation.kernel != Answer::Yes || gpu.isolation.acs != Answer::Yes || acs_override(host)) return;
  const std::string name = gpu.device.to_string();
  findings.push_back(
      {"group.isolated", Verdict::Pass, name,
       fmt::format("{} shares its IOMMU group with no other card, and the ports above it keep others "
                   "away from its memory",
                   name),
       ""});
}

}  // namespace gpupass
