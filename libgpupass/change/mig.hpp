// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>

#include "change/kind.hpp"

/// NVIDIA's Multi-Instance GPU: its mode, and its instances.
namespace gpupass {

inline constexpr const char* kMigDriverTells = "the driver tells it once the instance is there";

/// Whether a GPU is in MIG mode.
template <>
struct Kind<SetMigMode> : DeviceKind {
  static constexpr const char* kName = "mig-mode";

  static void fields(auto& visit, auto& change) {
    visit("device", change.device);
    visit("on", change.on);
  }

  static std::string words(const SetMigMode& change) {
    return fmt::format("switch the MIG mode of {} {}", change.device.to_string(), change.on ? "on" : "off");
  }

  static std::string subject(const SetMigMode& change) { return "MIG mode of " + change.device.to_string(); }

  /// A30 and A100 keep it over boots, and later cards do not.
  static bool lasts(const SetMigMode&) { return true; }

  static void effect(Host& host, const SetMigMode& change) {
    PciFunction* function = function_in(host, change.device);
    if (!function || !function->mig) return;
    Mig& mig = *function->mig;
    if (mig.enabled != change.on) mig.instances.clear();
    mig.enabled = mig.pending = change.on;
  }
};

/// Whether a GPU instance is there, with its compute instances.
template <>
struct Kind<SetMigInstance> : DeviceKind {
  static constexpr const char* kName = "mig-instance";

  static void fields(auto& visit, auto& change) {
    visit("device", change.device);
    visit("profile", change.profile);
    visit("profile_id", change.profile_id);
    visit("start", change.start);
    visit("size", change.size);
    visit("compute", change.compute);
    visit("present", change.present);
  }

  static std::string words(const SetMigInstance& change) {
    return fmt::format("{} the MIG instance {}:{} of {}", change.present ? "make" : "remove", change.profile,
                       change.start, change.device.to_string());
  }

  /// Of the instances at one place there is one at a time.
  static std::string subject(const SetMigInstance& change) {
    return fmt::format("the MIG instance at {} of {}, profile {}", change.start, change.device.to_string(),
                       change.profile_id);
  }

  static void effect(Host& host, const SetMigInstance& change) {
    PciFunction* function = function_in(host, change.device);
    if (!function || !function->mig) return;
    std::vector<MigGpuInstance>& all = function->mig->instances;
    const auto place = std::ranges::lower_bound(all, change.start, {}, &MigGpuInstance::start);
    const bool there =
        place != all.end() && place->start == change.start && place->profile_id == change.profile_id;
    if (there == change.present) return;
    const Unknown later{kMigDriverTells};
    if (change.present)
      all.insert(place, {later, change.profile_id, change.start, change.size, later});
    else
      all.erase(place);
  }
};

}  // namespace gpupass
