// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/check/trouble.hpp"

#include <fmt/format.h>

#include "gpupass/policy.hpp"
#include "policy/guard/partial.hpp"
#include "values/card.hpp"

namespace gpupass {

std::optional<Finding> trouble_of(const Host& host, const Assessment& gpu) {
  const auto address = gpu.device.function();
  if (!address) return std::nullopt;
  if (gpu.state == GpuState::Partial) return partial_finding(host, function_at(host, *address));
  if (gpu.state == GpuState::Unbound && find_home(host, *address)) {
    const std::string name = address->to_string();
    return Finding{"gpu.unbound", Verdict::Warn, name, fmt::format("{} has lost its driver", name),
                   fmt::format("gpupass release {} brings it home", name)};
  }
  return std::nullopt;
}

}  // namespace gpupass
