// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/isolation/isolation.hpp"

#include <algorithm>

#include "gpupass/policy.hpp"
#include "policy/isolation/acs_override.hpp"
#include "values/card.hpp"
#include "values/sort_unique.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// What the kernel was told to pretend is no answer.
void doubt_kernel(const Host& host, Isolation& isolation) {
  const auto option = acs_override(host);
  if (!option || isolation.kernel != Answer::Yes) return;
  isolation.kernel = Answer::Unknown;
  isolation.why =
      *option + " fakes the kernel's groups" + (isolation.why.empty() ? "" : "; " + isolation.why);
}

bool one_card(const Host& host, const std::vector<const PciFunction*>& endpoints) {
  return std::ranges::all_of(endpoints,
                             [&](const auto* f) { return same_card(host, *f, *endpoints.front()); });
}

}  // namespace

Role role_of(const Host& host, const PciFunction& member) {
  if (is_gpu(member)) return Role::Gpu;
  if (is_bridge(member)) return Role::Bridge;
  const auto mates = card_mates(host, member);
  return std::ranges::any_of(mates, [](const auto* mate) { return is_gpu(*mate); }) ? Role::Companion
                                                                                    : Role::Other;
}

/// By the ACS walk, from each of these functions.
Isolation Isolations::walked(const std::vector<const PciFunction*>& starts) const {
  AcsFindings found;
  for (const PciFunction* start : starts) walk_acs(host_, tree_, *start, found);
  Isolation isolation;
  isolation.peers = std::move(found.peers);
  isolation.merged_by = std::move(found.merged_by);
  sort_unique(isolation.peers);
  sort_unique(isolation.merged_by);
  // One peer that is certain decides, whatever else could not be seen.
  if (!isolation.peers.empty())
    isolation.acs = Answer::No;
  else if (found.why_unknown.empty())
    isolation.acs = Answer::Yes;
  else
    isolation.why = std::move(found.why_unknown);
  return isolation;
}

Isolation Isolations::of(const IommuGroup& group) const {
  std::vector<const PciFunction*> endpoints, bridges;
  bool complete = true;
  for (const PciAddress address : group.members) {
    const PciFunction* member = find_function(host_, address);
    complete = complete && member;
    if (member) (is_bridge(*member) ? bridges : endpoints).push_back(member);
  }
  Isolation isolation = walked(endpoints.empty() ? bridges : endpoints);
  if (!one_card(host_, endpoints))
    isolation.kernel = Answer::No;
  else if (complete)
    isolation.kernel = Answer::Yes;
  else if (isolation.acs == Answer::Yes) {
    isolation.acs = Answer::Unknown;
    isolation.why = "a member of the group is not known";
  }
  doubt_kernel(host_, isolation);
  return isolation;
}

Isolation Isolations::of(const PciFunction& function) const {
  if (const IommuGroup* group = function.iommu_group ? find_group(host_, *function.iommu_group) : nullptr)
    return of(*group);
  Isolation isolation = walked({&function});
  // Without a group nothing translates its DMA: it reaches all memory.
  if (function.iommu_group.absent()) isolation.kernel = Answer::No;
  return isolation;
}

Isolation isolation_of(const Host& host, const IommuGroup& group) {
  return Isolations(host).of(group);
}

Isolation isolation_of(const Host& host, const PciFunction& function) {
  return Isolations(host).of(function);
}

std::vector<GroupMember> members_of(const Host& host, const IommuGroup& group) {
  std::vector<GroupMember> members;
  for (const PciAddress address : group.members) {
    const PciFunction* member = find_function(host, address);
    members.push_back({address, member ? role_of(host, *member) : Role::Other});
  }
  return members;
}

std::vector<GroupAssessment> assess_groups(const Host& host) {
  std::vector<GroupAssessment> assessments;
  if (!host.groups) return assessments;
  const Isolations isolations(host);
  for (const IommuGroup& group : *host.groups)
    assessments.push_back({group.id, members_of(host, group), isolations.of(group)});
  return assessments;
}

}  // namespace gpupass
