// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/partial.hpp"

#include <fmt/format.h>

#include "gpupass/policy.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/text.hpp"

namespace gpupass {

std::optional<Finding> partial_finding(const Host& host, const PciFunction& gpu) {
  if (!on_vfio(gpu)) return std::nullopt;
  const auto others = with_host(host, closure_of(host, gpu.address));
  if (others.empty()) return std::nullopt;
  const std::string name = gpu.address.to_string();
  return Finding{
      "gpu.partial", Verdict::Warn, name,
      fmt::format("{} is on {}, but drivers of the host have functions that must move with it, so no guest "
                  "can start with it: {}",
                  name, *gpu.driver, devices_text(others)),
      fmt::format("gpupass bind {0} moves the rest, gpupass release {0} moves it back", name)};
}

}  // namespace gpupass
