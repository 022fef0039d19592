// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/check/identities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <set>

#include "gpupass/error.hpp"
#include "guest/model/domain_xml.hpp"
#include "values/card.hpp"
#include "values/shell_word.hpp"

namespace gpupass {

namespace {

using Identities = std::map<PciAddress, Identity>;

/// The one that is chosen; nullopt when there are none or several.
template <typename Chosen>
std::optional<PciAddress> only_one(const Host& host, PciAddress address, const Chosen& chosen) {
  std::optional<PciAddress> one;
  for (const PciFunction& function : host.functions) {
    if (function.address == address || !chosen(identity_of(host, function))) continue;
    if (one) return std::nullopt;
    one = function.address;
  }
  return one;
}

/// Whether the probe read an id that can tell the function from another.
bool was_identified(const PciFunction& function, const Identity& recorded) {
  return function.vendor.asked() && (recorded.serial.empty() || function.config.asked());
}

Likeness likeness_at(const Host& host, PciAddress address, const Identity& recorded) {
  const PciFunction* function = find_function(host, address);
  return function ? likeness(recorded, identity_of(host, *function)) : Likeness::Other;
}

/// The most likely address of a recorded device; nullopt: it is not found.
std::optional<PciAddress> place_of(const Host& host, PciAddress address, const Identity& recorded) {
  const Likeness like = likeness_at(host, address, recorded);
  if (like == Likeness::Same) return address;
  const auto moved = moved_to(host, address, recorded);
  return moved || like == Likeness::Other ? moved : address;
}

/// Patches the definition: CPUs and memory follow what has moved. The command names all devices, because
/// others may have moved too, even to the old address. A device that is not found is left out; a mediated
/// device stays in the definition unnamed.
std::string repoint(const Host& host, const std::string& guest, const std::vector<DeviceId>& present,
                    const Identities& recorded) {
  std::set<PciAddress> gpus, devices;
  for (const DeviceId device : present) {
    const auto address = device.function();
    if (!address) continue;
    const auto meant = recorded.find(*address);
    const auto now = meant == recorded.end() ? address : place_of(host, *address, meant->second);
    const PciFunction* function = now ? find_function(host, *now) : nullptr;
    if (function && is_gpu(*function))
      gpus.insert(*now);
    else if (function && meant != recorded.end())
      devices.insert(*now);
  }
  std::string command = fmt::format("gpupass define {0} --from {0}", shell_word(guest));
  for (const PciAddress gpu : gpus) command += " --gpu " + gpu.to_string();
  for (const PciAddress device : devices) command += " --device " + device.to_string();
  return command;
}

}  // namespace

std::optional<PciAddress> moved_to(const Host& host, PciAddress address, const Identity& recorded) {
  const auto proven =
      only_one(host, address, [&](const Identity& now) { return likeness(recorded, now) == Likeness::Same; });
  if (proven || !recorded.serial.empty() || recorded.path.empty()) return proven;
  const auto at_its_place = [&](const Identity& now) {
    return now.path == recorded.path && now.vendor && now.device &&
           likeness(recorded, now) != Likeness::Other;
  };
  const PciFunction* still = find_function(host, address);
  if (still && at_its_place(identity_of(host, *still))) return std::nullopt;
  return only_one(host, address, at_its_place);
}

std::map<PciAddress, Doubt> identity_doubts(const Host& host, const std::string& guest,
                                            const std::string& xml) {
  if (xml.empty()) return {};
  return identity_doubts(host, guest, parse_domain(xml).child("domain"));
}

std::map<PciAddress, Doubt> identity_doubts(const Host& host, const std::string& guest,
                                            pugi::xml_node domain) {
  std::map<PciAddress, Doubt> doubts;
  const Identities all = recorded_identities(domain);
  const std::vector<DeviceId> present = claimed_devices(domain);
  for (const auto& [place, recorded] : all) {
    const PciAddress address = place;
    const Likeness like = likeness_at(host, address, recorded);
    if (like == Likeness::Same || !std::ranges::binary_search(present, address)) continue;
    const PciFunction* function = find_function(host, address);
    if (function && !was_identified(*function, recorded)) {
      doubts[address] = {{"device.identity", Verdict::Unknown, address.to_string(),
                          fmt::format("it is not known whether {} is the device that guest {} should have: "
                                      "its identity was not read",
                                      address.to_string(), guest),
                          ""},
                         std::nullopt};
      continue;
    }
    const Identity now = function ? identity_of(host, *function) : Identity();
    const std::string meant =
        fmt::format("{} of guest {} was {}", address.to_string(), guest, text_of(recorded));
    const std::string seen = (function ? text_of(now) : std::string("nothing")) + " is there now";
    const auto moved = moved_to(host, address, recorded);
    const auto add = [&](Verdict verdict, std::string message, std::string remedy) {
      doubts[address] = {
          {"device.identity", verdict, address.to_string(), std::move(message), std::move(remedy)}, moved};
    };
    if (moved)
      add(Verdict::Fail, fmt::format("{}, which is now at {}; {}", meant, moved->to_string(), seen),
          repoint(host, guest, present, all));
    else if (function && like == Likeness::Other)
      add(Verdict::Fail, fmt::format("{}; {}", meant, seen),
          fmt::format("name the right GPU: {} --gpu GPU; or remove it with gpupass detach {} {}",
                      repoint(host, guest, present, all), shell_word(guest), address.to_string()));
    else if (function && !recorded.path.empty() && !now.path.empty() && recorded.path != now.path)
      add(Verdict::Unknown,
          fmt::format("{}, in slot {}; a device of the same kind is there now, in slot {}, and it is not "
                      "known whether it is the same device",
                      meant, recorded.path, now.path),
          "if it is the right device: " + repoint(host, guest, present, all));
  }
  return doubts;
}

std::vector<Finding> identity_findings(const Host& host, const std::vector<PciAddress>& only) {
  std::vector<Finding> findings;
  if (!host.domains) return findings;
  const auto is_one = [&](PciAddress address) { return std::ranges::find(only, address) != only.end(); };
  for (const Domain& domain : *host.domains) try {
      for (auto& [address, doubt] : identity_doubts(host, domain.name, domain.persistent_xml))
        if (is_one(address) || (doubt.moved && is_one(*doubt.moved)))
          findings.push_back(std::move(doubt.finding));
    } catch (const Error&) {
      continue;  // The probe has said that its devices cannot be read.
    }
  return findings;
}

}  // namespace gpupass
