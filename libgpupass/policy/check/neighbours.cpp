// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "policy/check/rules.hpp"
#include "policy/place/gpu_distance.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

/// A kind of devices with which a GPU exchanges much data.
struct Kind {
  const char* id;
  const char* name;
  bool (*is_one)(const PciFunction& function);
};

constexpr Kind kKinds[] = {{"gpu.near-disk", "NVMe disk", is_nvme},
                           {"gpu.near-network", "network card", is_network}};

/// Those of the host; virtual functions are where their cards are.
std::vector<const PciFunction*> all_of(const Kind& kind, const Host& host) {
  std::vector<const PciFunction*> functions;
  for (const PciFunction& function : host.functions)
    if (kind.is_one(function) && !is_virtual(function)) functions.push_back(&function);
  return functions;
}

}  // namespace

/// Says where data comes from: what is on another node takes the way between the packages.
void check_neighbours(const Host& host, const Assessment& gpu, Findings& findings) {
  const PciFunction& function = function_at(host, function_of(gpu.device));
  for (const Kind& kind : kKinds) {
    const auto functions = all_of(kind, host);
    const auto distances = distances_from(host, function, functions);
    const auto nearest = std::ranges::min_element(distances);
    if (nearest == distances.end() || *nearest == kUnknownDistance) continue;
    const PciFunction& device = *functions[static_cast<std::size_t>(nearest - distances.begin())];
    const std::string name = function.address.to_string();
    findings.push_back({kind.id, Verdict::Pass, name,
                        fmt::format("the {} that is nearest to {} is {}: {}", kind.name, name,
                                    device.address.to_string(), distance_text(*nearest)),
                        ""});
  }
}

}  // namespace gpupass
