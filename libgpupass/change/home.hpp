// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>

#include "change/console.hpp"
#include "change/driver.hpp"
#include "change/settings.hpp"

namespace gpupass {

/// The record of where a function belongs.
template <>
struct Kind<SetHome> : DeviceKind {
  static constexpr const char* kName = "home";

  static void fields(auto& visit, auto& change) {
    visit("device", change.device);
    visit("home", change.home);
  }

  static Json shown(const SetHome& change) {
    const auto setting = [](std::optional<bool> known) { return known ? Json(*known) : Json(nullptr); };
    Json home = nullptr;
    if (change.home)
      home = {{"driver", text_or_null(change.home->state.driver)},
              {"driver_override", text_or_null(change.home->state.driver_override)},
              {"d3cold_allowed", setting(change.home->d3cold_allowed)},
              {"persistence", setting(change.home->persistence)},
              {"services", change.home->made_way.services},
              {"console", change.home->made_way.console},
              {"framebuffer", text_or_null(change.home->made_way.framebuffer)}};
    return {{"device", change.device.to_string()}, {"home", home}};
  }

  static std::string words(const SetHome& change) {
    const std::string device = change.device.to_string();
    if (!change.home) return fmt::format("forget where {} belongs", device);
    return fmt::format("record that {} belongs to driver {}", device, or_none(change.home->state.driver));
  }

  static std::string subject(const SetHome& change) { return "the home of " + change.device.to_string(); }

  /// Without its record nobody could bring a function back to its driver.
  static std::vector<std::string> waits_for(const SetHome& change) {
    if (change.home) return {};
    return {Kind<SetDriver>::subject({change.device, {}}), Kind<SetD3cold>::subject({change.device}),
            Kind<SetPersistence>::subject({change.device}), Kind<SetConsole>::subject({}),
            Kind<SetFramebuffer>::subject({})};
  }

  static bool waits_for_guest(const SetHome&) { return true; }

  static void require_well_formed(const SetHome& change) {
    if (!change.home) return;
    if (change.home->address != change.device)
      throw failure(ErrorCode::Malformed, "record the home of", change.device.to_string(),
                    change.home->address.to_string(), "the same address");
    Kind<SetDriver>::require_well_formed({change.device, change.home->state});
  }

  static void effect(Host& host, const SetHome& change) {
    if (!host.homes) return;
    std::erase_if(*host.homes, [&](const Home& home) { return home.address == change.device; });
    if (change.home) host.homes->push_back(*change.home);
    std::ranges::sort(*host.homes, {}, &Home::address);
  }
};

}  // namespace gpupass
