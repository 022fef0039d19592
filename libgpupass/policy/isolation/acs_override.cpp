// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/isolation/acs_override.hpp"

namespace gpupass {

std::optional<std::string> acs_override(const Host& host) {
  if (!host.iommu) return std::nullopt;
  for (const std::string& option : host.iommu->kernel_options)
    if (option.find("acs_override=") != option.npos) return option;
  return std::nullopt;
}

}  // namespace gpupass
