// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/kernel_options.hpp"

#include <algorithm>

namespace gpupass {

bool concerns_iommu(std::string_view option) {
  const std::string_view key = option.substr(0, option.find('='));
  const auto has = [key](std::string_view part) { return key.find(part) != key.npos; };
  return has("iommu") || has("smmu") || has("vfio") || has("acs_override") || has("intremap") ||
         has("pci-stub") || has("pci_stub") || key == "pci" || key.starts_with("ivrs_");
}

bool may_be_added(std::string_view option) {
  constexpr std::size_t kLongest = 200;
  static constexpr std::string_view kOthers = "_.,:=-";
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != kOthers.npos;
  };
  return option.size() <= kLongest && concerns_iommu(option) && std::ranges::all_of(option, is_plain);
}

}  // namespace gpupass
