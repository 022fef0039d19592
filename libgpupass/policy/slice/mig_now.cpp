// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/slice/mig_now.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "policy/slice/mig_cards.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

/// What more there is room for beside these, profile by profile.
Fact<std::vector<MigRoom>> room_beside(const Host& host, PciAddress gpu,
                                       const std::vector<MigInstance>& existing) try {
  MigWish wish{.gpu = gpu, .profiles = {}, .existing = existing};
  for (const MigInstance& instance : existing) wish.profiles.push_back(instance.profile);
  return fit_mig(host, {wish}).front().room;
} catch (const Error& error) {
  return Unknown{error.what()};
}

SliceType type_of(const MigProfile& profile, const std::vector<MigInstance>& existing,
                  const Fact<std::vector<MigRoom>>& room) {
  SliceType type;
  type.kind = SliceKind::Mig;
  type.type = profile.name;
  type.name = type.description = type.device_api = Absent{};
  type.existing = static_cast<unsigned>(std::ranges::count(existing, profile.id, &MigInstance::profile_id));
  type.capacity = room.without_value<SliceCapacity>();
  for (const MigRoom& each : room.value_or({}))
    if (each.profile_id == profile.id) type.capacity = each.more;
  return type;
}

}  // namespace

std::string mig_profile_name(const PciFunction& gpu, unsigned profile_id) {
  if (const MigCard* card = find_mig_card(gpu)) {
    const auto profile = std::ranges::find(card->profiles, profile_id, &MigProfile::id);
    if (profile != card->profiles.end()) return std::string(profile->name);
  }
  return fmt::format("profile {}", profile_id);
}

Answer is_in_use(const MigGpuInstance& instance) {
  if (!instance.compute) return Answer::Unknown;
  Answer answer = Answer::No;
  for (const MigComputeInstance& each : *instance.compute) {
    if (each.processes && !each.processes->empty()) return Answer::Yes;
    if (!each.processes) answer = Answer::Unknown;
  }
  return answer;
}

Fact<MigAssessment> assess_mig(const PciFunction& gpu, std::vector<std::string>& unknown) {
  if (gpu.mig.unknown() && find_mig_card(gpu))
    unknown.push_back(fmt::format("MIG of {}: {}", gpu.address.to_string(), gpu.mig.why()));
  if (!gpu.mig) return gpu.mig.without_value<MigAssessment>();
  MigAssessment assessment{gpu.mig->enabled, gpu.mig->pending, {}};
  for (const MigGpuInstance& instance : gpu.mig->instances)
    assessment.instances.push_back(
        {mig_profile_name(gpu, instance.profile_id), instance, is_in_use(instance)});
  return assessment;
}

std::vector<SliceType> mig_types(const Host& host, const PciFunction& gpu) {
  std::vector<SliceType> types;
  const MigCard* card = find_mig_card(gpu);
  if (!card || !gpu.mig) return types;
  const std::vector<MigInstance> existing = mig_instances(host, gpu.address);
  const auto room = room_beside(host, gpu.address, existing);
  for (const MigProfile& profile : card->profiles) types.push_back(type_of(profile, existing, room));
  return types;
}

std::vector<MigInstance> mig_instances(const Host& host, PciAddress address) {
  const PciFunction& gpu = function_at(host, address);
  std::vector<MigInstance> instances;
  if (!gpu.mig) return instances;
  for (const MigGpuInstance& each : gpu.mig->instances)
    instances.push_back({mig_profile_name(gpu, each.profile_id), each.profile_id, each.start, each.size});
  return instances;
}

MigProfiles profiles_now(const Host& host, PciAddress gpu) {
  MigProfiles profiles;
  for (const MigInstance& instance : mig_instances(host, gpu)) ++profiles[instance.profile];
  return profiles;
}

std::vector<std::string> names_in(const MigProfiles& profiles) {
  std::vector<std::string> names;
  for (const auto& [name, count] : profiles) names.insert(names.end(), count, name);
  return names;
}

}  // namespace gpupass
