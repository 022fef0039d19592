// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan/quiesce.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace gpupass {

namespace {

bool is_one_of(const auto& units, std::string_view unit) {
  return std::ranges::find(units, unit) != units.end();
}

bool is_named(const std::vector<std::string>& named, const std::string& unit) {
  return is_one_of(named, unit) || (is_display_manager(unit) && is_one_of(named, kDisplayManager));
}

bool service_ends(const std::vector<std::string>& named, const DeviceUser& user) {
  return may_be_stopped(user.service) || is_named(named, user.service);
}

}  // namespace

bool may_be_stopped(std::string_view unit) {
  constexpr std::array<std::string_view, 8> kUnits = {
      "amd-metrics-exporter.service", "dcgm-exporter.service",        "dcgm.service",
      "gpu-exporter.service",         "nvidia-dcgm-exporter.service", "nvidia-dcgm.service",
      "nvidia-persistenced.service",  "nvidia-powerd.service"};
  return is_one_of(kUnits, unit);
}

bool is_display_manager(std::string_view unit) {
  constexpr std::array<std::string_view, 15> kUnits = {
      "cosmic-greeter.service", kDisplayManager,       "emptty.service",  "gdm.service",  "gdm3.service",
      "greetd.service",         "lemurs.service",      "lightdm.service", "lxdm.service", "ly.service",
      "nodm.service",           "plasmalogin.service", "sddm.service",    "slim.service", "xdm.service"};
  return is_one_of(kUnits, unit);
}

bool ends_with(const std::vector<std::string>& named, const DeviceUser& user) {
  return service_ends(named, user) ||
         (!user.session.empty() && std::ranges::any_of(named, is_display_manager));
}

Quiet quiet_for(const Host& host, const std::vector<PciAddress>& functions,
                const std::vector<std::string>& named) {
  std::set<std::string> services, sessions;
  if (host.users)
    for (const DeviceUser& user : *host.users) {
      if (!std::ranges::binary_search(functions, user.device) || !ends_with(named, user)) continue;
      if (service_ends(named, user))
        services.insert(user.service);
      else
        sessions.insert(user.session);
    }
  // It need not have the device open itself.
  if (!sessions.empty() && std::ranges::none_of(services, is_display_manager))
    services.insert(*std::ranges::find_if(named, is_display_manager));
  return {{services.begin(), services.end()}, {sessions.begin(), sessions.end()}};
}

}  // namespace gpupass
