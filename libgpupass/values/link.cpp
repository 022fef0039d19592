// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/link.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

namespace gpupass {

namespace {

/// The generation of PCI Express that has this speed; others have no name.
std::string speed(double gts) {
  constexpr double kSpeeds[] = {2.5, 5, 8, 16, 32, 64, 128};
  const auto found = std::ranges::find(kSpeeds, gts);
  if (found != std::end(kSpeeds)) return fmt::format("Gen{}", found - std::begin(kSpeeds) + 1);
  return gts > 0 ? fmt::format("{:g} GT/s", gts) : std::string("?");
}

std::string no_link(const Fact<PciLink>& link) {
  return link.absent() ? "-" : "?";
}

}  // namespace

std::string link_now(const Fact<PciLink>& link) {
  if (!link) return no_link(link);
  if (link->width == 0) return "?";  // As of a virtual function, whose link is that of its physical one.
  return fmt::format("{} x{}", speed(link->speed_gts), link->width);
}

std::string link_now_of_best(const Fact<PciLink>& link) {
  const std::string now = link_now(link);
  if (!link || link->width == 0) return now;
  std::vector<std::string> better;
  if (link->max_speed_gts > link->speed_gts) better.push_back(speed(link->max_speed_gts));
  if (link->max_width > link->width) better.push_back(fmt::format("x{}", link->max_width));
  return better.empty() ? now : fmt::format("{} ({})", now, fmt::join(better, " "));
}

std::string link_best(const Fact<PciLink>& link) {
  if (!link) return no_link(link);
  return fmt::format("{} x{}", speed(link->max_speed_gts),
                     link->max_width > 0 ? fmt::to_string(link->max_width) : "?");
}

Fact<PciLink> path_link(const Host& host, const PciFunction& function) {
  if (!function.link) return function.link;
  PciLink best = *function.link;
  for (const PciFunction* bridge : path_to_root(host, function)) {
    if (bridge->link.absent()) continue;  // A conventional PCI bridge on the way has no lanes to count.
    if (!bridge->link) return Unknown{"the link of " + bridge->address.to_string() + " is unknown"};
    best.max_speed_gts = std::min(best.max_speed_gts, bridge->link->max_speed_gts);
    best.max_width = std::min(best.max_width, bridge->link->max_width);
  }
  return best;
}

}  // namespace gpupass
