// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "policy/guard/candidate.hpp"
#include "policy/guard/known_drivers.hpp"
#include "policy/plan/quiesce.hpp"
#include "values/card.hpp"
#include "values/shell_word.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// What a record of where it belongs, and the way back, would rest on.
void is_unreadable(Candidate& candidate, const PciFunction& member) {
  const auto unread = [&](const auto& fact, const char* what) {
    if (fact.unknown())
      candidate.unknown("gpu.unreadable", fmt::format("the {} of {} is not known: {}", what,
                                                      member.address.to_string(), fact.why()));
    return fact.unknown();
  };
  // Of a stranger in the group, guard_group() tells it.
  if (same_card(candidate.host(), member, candidate.gpu()) && unread(member.driver, "driver")) return;
  if (unread(member.driver_override, "driver override") || on_vfio(member)) return;
  if (!unread(member.vendor, "vendor id")) unread(member.device, "device id");
}

/// What to do about services. A display manager that was found has its common name too.
std::string stopping(std::set<std::string> services) {
  if (std::ranges::count_if(services, is_display_manager) > 1) services.erase(kDisplayManager);
  std::string options;
  for (const std::string& unit : services) options += fmt::format("--stop {} ", shell_word(unit));
  const bool manager = std::ranges::any_of(services, is_display_manager);
  return options + "stops it temporarily" + (manager ? ", and ends the sessions at the display" : "");
}

/// What to do about processes that belong to no service and to no display manager: a desktop that startx
/// began ends with its Xorg.
std::string ending(const std::set<int>& processes) {
  constexpr std::size_t kMostNamed = 16;
  if (processes.size() > kMostNamed) return "stop these processes";
  return fmt::format("stop these processes: kill {}", fmt::join(processes, " "));
}

/// Some drivers wait in remove(), forever and ignoring signals, until the last process closes the device.
void is_open(Candidate& candidate, const PciFunction& member) {
  const Host& host = candidate.host();
  const std::string name = member.address.to_string();
  if (!member.driver || on_vfio(member)) return;
  if (host.users.unknown() && member.address == candidate.gpu().address)
    candidate.unknown("gpu.in-use", fmt::format("it is not known who uses {}: {}", name, host.users.why()),
                      kRunAsRoot);
  if (!host.users) return;
  constexpr std::ptrdiff_t kMostTold = 4;
  std::set<std::string> users, services;
  std::set<int> strangers;
  for (const DeviceUser& user : *host.users) {
    if (user.device != member.address || candidate.ends(user)) continue;
    users.insert(fmt::format("{} (process {})", user.command, user.pid));
    const std::string& service = user.session.empty() ? user.service : kDisplayManager;
    if (service.empty())
      strangers.insert(user.pid);
    else
      services.insert(service);
  }
  if (users.empty()) return;
  const std::vector<std::string> told(users.begin(),
                                      std::next(users.begin(), std::min(std::ssize(users), kMostTold)));
  candidate.fail(
      "gpu.in-use",
      fmt::format("{} is open in {}{}", name, fmt::join(told, ", "),
                  users.size() > kMostTold ? fmt::format(" and {} more", users.size() - kMostTold) : ""),
      strangers.empty() ? stopping(std::move(services)) : ending(strangers));
}

/// In persistence mode the driver waits for itself, and no process is visible. `bind` switches a known mode
/// off.
void may_persist(Candidate& candidate, const PciFunction& member) {
  if (member.persistence.unknown())
    candidate.protect(member.address, "gpu.persistence",
                      fmt::format("it is not known whether the persistence mode keeps {} open: {}",
                                  member.address.to_string(), member.persistence.why()),
                      "install the package of the driver that has NVML, libnvidia-ml.so.1");
}

}  // namespace

void guard_driver(Candidate& candidate, const PciFunction& member) {
  is_open(candidate, member);
  may_persist(candidate, member);
  is_unreadable(candidate, member);
}

void guard_letting_go(Candidate& candidate) {
  for (const PciAddress address : candidate.closure()) {
    const PciFunction& member = function_at(candidate.host(), address);
    if (member.driver && !on_vfio(member) && !is_known_to_let_go(*member.driver))
      candidate.protect(address, "gpu.driver",
                        fmt::format("it is not known whether the driver {} releases {}", *member.driver,
                                    address.to_string()),
                        "try it on a host where a reboot does no harm");
  }
}

}  // namespace gpupass
