// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/identity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ranges>
#include <vector>

#include "gpupass/host.hpp"

namespace gpupass {

namespace {

using Id = std::optional<std::uint16_t>;

Id known(const Fact<std::uint16_t>& fact) {
  return fact ? Id(*fact) : std::nullopt;
}

/// Some firmware leaves the number out, and the capability in.
std::string known(const Fact<std::string>& fact) {
  return fact && fact->find_first_not_of('0') != fact->npos ? *fact : std::string();
}

bool differ(const Id& one, const Id& other) {
  return one && other && one != other;
}
bool differ(const std::string& one, const std::string& other) {
  return !one.empty() && !other.empty() && one != other;
}
bool agree(const std::string& one, const std::string& other) {
  return !one.empty() && one == other;
}

}  // namespace

Identity identity_of(const PciFunction& function) {
  return {known(function.vendor),
          known(function.device),
          known(function.subsystem_vendor),
          known(function.subsystem_device),
          function.config ? known(function.config->serial) : std::string(),
          known(function.uuid)};
}

Identity identity_of(const Host& host, const PciFunction& function) {
  Identity now = identity_of(function);
  now.path = slot_path(host, function);
  const Home* home = find_home(host, function.address);
  return home ? completed(now, home->identity) : now;
}

std::string text_of(const Identity& identity) {
  const auto digits = [](const Id& id) { return id ? fmt::format("{:04x}", *id) : std::string("????"); };
  std::vector<std::string> more;
  if (identity.subsystem_vendor || identity.subsystem_device)
    more.push_back(
        fmt::format("subsystem {}:{}", digits(identity.subsystem_vendor), digits(identity.subsystem_device)));
  if (!identity.serial.empty()) more.push_back("serial number " + identity.serial);
  if (!identity.uuid.empty()) more.push_back("UUID " + identity.uuid);
  return fmt::format("{}:{}{}", digits(identity.vendor), digits(identity.device),
                     more.empty() ? "" : fmt::format(" ({})", fmt::join(more, ", ")));
}

std::string slot_path(const Host& host, const PciFunction& function) {
  if (!function.root_bus) return {};
  const std::vector<const PciFunction*> bridges = path_to_root(host, function);
  const PciFunction& top = bridges.empty() ? function : *bridges.back();
  if (!top.parent.absent()) return {};
  std::string path = *function.root_bus;
  const auto add = [&path](const PciAddress& at) {
    path += fmt::format("/{:02x}.{:x}", at.device, at.function);
  };
  for (const PciFunction* bridge : bridges | std::views::reverse) add(bridge->address);
  add(function.address);
  return path.size() <= kLongestIdentityText ? path : std::string();
}

Likeness likeness(const Identity& one, const Identity& other) {
  for (const auto& [name, id] : kIdentityIds)
    if (differ(one.*id, other.*id)) return Likeness::Other;
  if (differ(one.serial, other.serial) || differ(one.uuid, other.uuid)) return Likeness::Other;
  return agree(one.serial, other.serial) || agree(one.uuid, other.uuid) ? Likeness::Same : Likeness::Alike;
}

Identity completed(Identity now, const Identity& earlier) {
  const Likeness like = likeness(now, earlier);
  if (like == Likeness::Other || (like == Likeness::Alike && differ(now.path, earlier.path))) return now;
  for (const auto& [name, text] : kIdentityTexts)
    if ((now.*text).empty()) now.*text = earlier.*text;
  return now;
}

}  // namespace gpupass
