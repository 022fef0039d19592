// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/place.hpp"

#include "values/number.hpp"

namespace gpupass {

namespace {

/// The address of the first function of a root bus: "pci0000:60" is 0000:60:00.0.
std::optional<PciAddress> parse_root_bus(std::string_view name) {
  if (!name.starts_with("pci")) return std::nullopt;
  return PciAddress::parse(std::string(name.substr(3)) + ":00.0");
}

}  // namespace

std::optional<PciPlace> parse_place(std::string_view target) {
  PciPlace place;
  std::optional<PciAddress> root;
  while (!target.empty()) {
    const std::size_t slash = target.find('/');
    const std::string_view name = target.substr(0, slash);
    target.remove_prefix(slash == target.npos ? target.size() : slash + 1);
    if (const auto bus = parse_root_bus(name)) {
      root = bus;
      place.root_bus = name;
      place.bridges.clear();
    } else if (const auto address = PciAddress::parse(name); address && root) {
      place.bridges.push_back(*address);
    } else if (root) {
      return std::nullopt;
    }
  }
  if (place.bridges.empty()) return std::nullopt;
  place.address = place.bridges.back();
  place.bridges.pop_back();
  // What hangs from the root bus itself has its number; a bridge's secondary bus has another.
  const PciAddress& top = place.bridges.empty() ? place.address : place.bridges.front();
  if (top.domain != root->domain || top.bus != root->bus) return std::nullopt;
  return place;
}

}  // namespace gpupass
