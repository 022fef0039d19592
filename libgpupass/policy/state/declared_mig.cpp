// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/state/declared_mig.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "policy/slice/mig_cards.hpp"
#include "policy/slice/mig_now.hpp"

namespace gpupass {

namespace {

/// Each profile by the name that gpupass has for it on this card.
MigProfiles in_own_names(const PciFunction& gpu, const MigProfiles& profiles) {
  const MigCard* card = find_mig_card(gpu);
  if (!card) return profiles;
  MigProfiles named;
  for (const auto& [name, count] : profiles) {
    const std::size_t profile = profile_named(*card, name);
    named[profile < card->profiles.size() ? std::string(card->profiles[profile].name) : name] += count;
  }
  return named;
}

std::string text_of(const MigProfiles& profiles) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : profiles)
    parts.push_back(count == 1 ? name : fmt::format("{} x {}", count, name));
  return parts.empty() ? "none" : fmt::format("{}", fmt::join(parts, ", "));
}

/// What is declared, and not there.
MigProfiles missing(const MigProfiles& wanted, const MigProfiles& present) {
  MigProfiles missing;
  for (const auto& [name, count] : wanted) {
    const auto found = present.find(name);
    const unsigned has = found == present.end() ? 0 : found->second;
    if (count > has) missing[name] = count - has;
  }
  return missing;
}

}  // namespace

Fact<DeclaredMig> present_mig(const Host& host, const PciFunction& gpu) {
  if (!gpu.mig) return gpu.mig.without_value<DeclaredMig>();
  if (gpu.mig->enabled != gpu.mig->pending)
    return Unknown{
        fmt::format("its MIG mode is {}, and its next reset changes that", gpu.mig->enabled ? "on" : "off")};
  return DeclaredMig{.enabled = gpu.mig->enabled, .profiles = profiles_now(host, gpu.address)};
}

MigWish wish_of(const DeclaredMig& mig, PciAddress gpu) {
  return {.gpu = gpu, .enabled = mig.enabled, .profiles = names_in(mig.profiles)};
}

Fact<std::string> mig_difference(const Host& host, const PciFunction& gpu, const DeclaredMig& mig) {
  const Fact<DeclaredMig> present = present_mig(host, gpu);
  if (present.absent())
    return std::string(
        mig.enabled ? "is declared to be in MIG mode, and no driver of this host tells of its MIG" : "");
  if (!present) return present.without_value<std::string>();
  if (present->enabled != mig.enabled)
    return std::string(mig.enabled ? "is declared to be in MIG mode, and is not"
                                   : "is declared not to be in MIG mode, and is");
  const MigProfiles wanted = in_own_names(gpu, mig.profiles);
  if (present->profiles == wanted) return std::string();
  return fmt::format("is declared to have these MIG instances: {}; it has {}", text_of(wanted),
                     text_of(present->profiles));
}

Plan plan_declared_mig(const Host& host, const PciFunction& gpu, const DeclaredMig& mig, Surplus surplus) {
  Plan plan;
  if (surplus == Surplus::Remove) {
    plan = plan_mig(host, {wish_of(mig, gpu.address)});
  } else if (mig.enabled) {
    const MigProfiles wanted = in_own_names(gpu, mig.profiles);
    plan = plan_mig_create(host, gpu.address, names_in(missing(wanted, profiles_now(host, gpu.address))));
  }
  plan.notes.clear();  // What a boot makes of it is declared too.
  return plan;
}

}  // namespace gpupass
