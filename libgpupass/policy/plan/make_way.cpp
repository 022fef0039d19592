// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan/make_way.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "policy/guard/candidate.hpp"
#include "policy/refuse.hpp"
#include "values/card.hpp"
#include "values/firmware_framebuffer.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

constexpr const char* kWouldWait = "it has a device open whose driver would wait for it";

bool any_stays(const Host& host, const std::vector<PciAddress>& leaving, const auto& fits) {
  return std::ranges::any_of(host.functions, [&](const PciFunction& function) {
    return fits(function) && !std::ranges::binary_search(leaving, function.address);
  });
}

}  // namespace

MakeWay::MakeWay(const Host& host, const std::vector<PciAddress>& leaving,
                 const std::vector<std::string>& stop)
    : host_(host),
      leaving_(leaving),
      quiet_(quiet_for(host, leaving, stop)),
      display_stays_(any_stays(host, leaving, is_hosts_display)),
      console_(std::ranges::any_of(leaving, [this](PciAddress function) {
        const DeviceUse* use = use_of(function, DeviceUse::Kind::Console);
        return use && use->what.starts_with("fb");  // Not a serial line.
      })) {
  const auto manager = std::ranges::find_if(quiet_.services, is_display_manager);
  if (manager != quiet_.services.end() && host.own_session)
    refuse("bind", addresses_text(leaving),
           fmt::format("gpupass runs in {}, which ends with {}", *host.own_session, *manager),
           "run it over ssh or on a text console, or let systemd run it: systemd-run gpupass bind ...");
}

/// The last one: of the firmware's framebuffer its driver, where one shows it, for BOOTFB comes first.
const DeviceUse* MakeWay::use_of(PciAddress function, DeviceUse::Kind kind) const {
  const DeviceUse* found = nullptr;
  if (host_.uses && !on_vfio(function_at(host_, function)))
    for (const DeviceUse& use : *host_.uses)
      if (use.address == function && use.kind == kind) found = &use;
  return found;
}

/// Whether what was stopped still has something to do.
bool MakeWay::is_needed(const std::string& unit) const {
  if (is_display_manager(unit)) return display_stays_;
  std::set<std::string> drivers;
  for (const DeviceUser& user : *host_.users)
    if (user.service == unit && std::ranges::binary_search(leaving_, user.device))
      drivers.insert(function_at(host_, user.device).driver.value_or(""));
  return any_stays(host_, leaving_, [&](const PciFunction& function) {
    return is_gpu(function) && function.driver && drivers.contains(*function.driver);
  });
}

MadeWay MakeWay::record_of(const PciFunction& function) const {
  MadeWay made_way;
  if (!is_gpu(function)) return made_way;
  std::ranges::copy_if(quiet_.services, std::back_inserter(made_way.services),
                       [this](const std::string& unit) { return !is_needed(unit); });
  made_way.console = !display_stays_ && use_of(function.address, DeviceUse::Kind::Console);
  if (const DeviceUse* use = use_of(function.address, DeviceUse::Kind::Framebuffer);
      use && use->what != kUnshownFramebuffer)
    made_way.framebuffer = framebuffer_of_owner(use->what);
  return made_way;
}

void MakeWay::clear(Plan& plan) const {
  for (const std::string& unit : quiet_.services) {
    plan.steps.push_back({fmt::format("stop {}", unit),
                          is_display_manager(unit)
                              ? "its sessions have a device open whose driver would wait for them"
                              : kWouldWait,
                          SetService{unit, false}, SetService{unit, true}});
    if (is_display_manager(unit))
      plan.notes.push_back(
          fmt::format("the sessions at the display end with {}: what is not saved in them is lost", unit));
  }
  for (const std::string& session : quiet_.sessions)
    plan.steps.push_back({fmt::format("end {}", session),
                          fmt::format("{}; a new login begins another one", kWouldWait),
                          SetService{session, false}, std::nullopt});
  if (console_)
    plan.steps.push_back({"stop to draw the kernel's consoles",
                          "they keep the framebuffer of the device open", SetConsole{false},
                          SetConsole{true}});
  for (const PciAddress function : leaving_) {
    const DeviceUse* use = use_of(function, DeviceUse::Kind::Framebuffer);
    if (!use) continue;
    const std::string device(framebuffer_of_owner(use->what));
    const bool shown = use->what != kUnshownFramebuffer;
    plan.steps.push_back({fmt::format("take {} off its driver", device),
                          fmt::format("it lies in the memory of {}{}", function.to_string(),
                                      shown ? "" : "; no driver claims that, so there is nothing to undo"),
                          SetFramebuffer{device, false},
                          shown ? std::optional<Change>(SetFramebuffer{device, true}) : std::nullopt});
  }
}

void MakeWay::wake_up(Plan& plan) const {
  if (console_ && display_stays_)
    plan.steps.push_back({"draw the kernel's consoles again", "the host still has a display",
                          SetConsole{true}, SetConsole{false}});
  for (const std::string& unit : quiet_.services) {
    const bool manager = is_display_manager(unit);
    if (is_needed(unit))
      plan.steps.push_back({fmt::format("start {} again", unit),
                            manager ? "the host still has a display" : "it still has other GPUs to serve",
                            SetService{unit, true}, SetService{unit, false}});
    else
      plan.notes.push_back(
          fmt::format("{} stays stopped, because no {} is left: gpupass release starts it again", unit,
                      manager ? "display" : "GPU of its driver"));
  }
}

void show_again(Plan& plan, const MadeWay& made_way) {
  if (const std::string& device = made_way.framebuffer; !device.empty())
    plan.steps.push_back({fmt::format("bind {} to its driver again", device), "bind found it that way",
                          SetFramebuffer{device, true}, SetFramebuffer{device, false}});
  if (made_way.console)
    plan.steps.push_back(
        {"draw the kernel's consoles again", "bind found it that way", SetConsole{true}, SetConsole{false}});
}

void start_again(Plan& plan, const std::vector<std::string>& services) {
  for (const std::string& unit : services)
    plan.steps.push_back({fmt::format("start {} again", unit), "bind has stopped it", SetService{unit, true},
                          SetService{unit, false}});
}

}  // namespace gpupass
