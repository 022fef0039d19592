// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "policy/guard/guards.hpp"
#include "policy/guard/partial.hpp"
#include "policy/guests_of.hpp"
#include "policy/isolation/isolation.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

bool contains(const auto& devices, PciAddress address) {
  return std::ranges::find(devices, address) != devices.end();
}

GpuState state_of(const Host& host, const PciFunction& gpu, const Assessment& assessment) {
  if (host.wedged && contains(*host.wedged, gpu.address)) return GpuState::Wedged;
  if (!assessment.domain.empty()) return GpuState::Assigned;
  if (quarantined(host, gpu)) return GpuState::Quarantined;
  if (has_virtual_functions(gpu)) return GpuState::Sliced;
  if (on_vfio(gpu)) return partial_finding(host, gpu) ? GpuState::Partial : GpuState::Vfio;
  if (gpu.driver) return GpuState::Host;
  return gpu.driver.absent() ? GpuState::Unbound : GpuState::Unknown;
}

/// What would forbid to give a GPU away, if somebody had asked for it. The guards judge what was asked.
std::vector<Finding> not_asked(const Host& host, PciAddress gpu) {
  const Parts forbidding{.iommu = true, .domains = true, .users = true, .uses = true};
  const std::string missing = parts_not_asked(host, forbidding);
  if (missing.empty()) return {};
  return {{"gpu.unreadable", Verdict::Unknown, gpu.to_string(),
           fmt::format("the host was probed without {}", missing), ""}};
}

/// A finding that certainly forbids decides; an unknown one leaves the answer open.
Answer assignable(const std::vector<Finding>& reasons) {
  if (std::ranges::find(reasons, Verdict::Fail, &Finding::verdict) != reasons.end()) return Answer::No;
  return reasons.empty() ? Answer::Yes : Answer::Unknown;
}

/// What is true of groups, found once for each: a group may have hundreds of GPUs.
class Groups {
 public:
  explicit Groups(const Host& host) : host_(host), isolations_(host) {}

  const std::vector<GroupMember>& members(const IommuGroup& group) {
    const auto [place, is_new] = members_.try_emplace(group.id);
    if (is_new) place->second = members_of(host_, group);
    return place->second;
  }

  /// Of the peers that a group's members have among them, none is a function of the GPU's own card.
  Isolation isolation(const PciFunction& gpu) {
    const IommuGroup* group = gpu.iommu_group ? find_group(host_, *gpu.iommu_group) : nullptr;
    if (!group) return isolations_.of(gpu);
    const auto [place, is_new] = known_.try_emplace(group->id);
    if (is_new) place->second = isolations_.of(*group);
    Isolation isolation = place->second;
    std::erase_if(isolation.peers, [&](PciAddress peer) {
      const PciFunction* function = find_function(host_, peer);
      return function && same_card(host_, gpu, *function);
    });
    return isolation;
  }

 private:
  const Host& host_;
  Isolations isolations_;
  std::map<std::uint32_t, std::vector<GroupMember>> members_;
  std::map<std::uint32_t, Isolation> known_;
};

Assessment assess_one(const Host& host, const PciFunction& gpu, Groups& groups) {
  Assessment assessment;
  assessment.device = gpu.address;
  assessment.virtual_function = is_virtual(gpu);
  assessment.functions = card_of(host, gpu);
  GuestsOf guests = guests_of(host, gpu.address);
  assessment.domain = std::move(guests.running);
  assessment.wanted_by = std::move(guests.wanted_by);
  assessment.state = state_of(host, gpu, assessment);
  assessment.reasons = guards(host, gpu.address);
  if (assessment.reasons.empty()) assessment.reasons = not_asked(host, gpu.address);
  assessment.assignable = assignable(assessment.reasons);
  if (const IommuGroup* group = gpu.iommu_group ? find_group(host, *gpu.iommu_group) : nullptr)
    assessment.group_members = groups.members(*group);
  if (gpu.config.asked()) assessment.isolation = groups.isolation(gpu);
  if (const BootBinding* binding = find_boot_binding(host, gpu.address))
    assessment.bound_at_boot = is_device_of(*binding, gpu);
  return assessment;
}

}  // namespace

std::vector<Assessment> assess(const Host& host, const std::vector<PciAddress>& named) {
  std::vector<Assessment> assessments;
  Groups groups(host);
  for (const PciFunction& function : host.functions)
    if (is_gpu(function) || contains(named, function.address))
      assessments.push_back(assess_one(host, function, groups));
  return assessments;
}

}  // namespace gpupass
