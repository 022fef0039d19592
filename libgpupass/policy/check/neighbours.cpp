// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

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

/// The GPU, and behind it the devices of the kind that have a link of their own.
std::vector<const PciFunction*> gpu_and(const Kind& kind, const Host& host, const PciFunction& gpu) {
  std::vector<const PciFunction*> functions = {&gpu};
  for (const PciFunction& function : host.functions)
    if (kind.is_one(function) && !is_virtual(function)) functions.push_back(&function);
  return functions;
}

}  // namespace

/// Says where data comes from: what is on another node takes the way between the packages.
void check_neighbours(const Host& host, const Assessment& gpu, Findings& findings) {
  const PciFunction& function = function_at(host, function_of(gpu.device));
  for (const Kind& kind : kKinds) {
    const auto functions = gpu_and(kind, host, function);
    const std::vector<unsigned> distances = gpu_distances(host, functions).front();
    std::size_t nearest = 0;
    for (std::size_t at = 1; at < functions.size(); ++at)
      if (nearest == 0 || distances[at] < distances[nearest]) nearest = at;
    if (nearest == 0 || distances[nearest] == kUnknownDistance) continue;
    const std::string name = function.address.to_string();
    findings.push_back(
        {kind.id, Verdict::Pass, name,
         fmt::format("the {} that is nearest to {} is {}: {}", kind.name, name,
                     functions[nearest]->address.to_string(), distance_text(distances[nearest])),
         ""});
  }
}

}  // namespace gpupass
