// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/guest_iommu.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#include "guest/model/domain_xml.hpp"

namespace gpupass {

bool has_wide_ids(pugi::xml_node domain) {
  const pugi::xml_node topology = domain.child("cpu").child("topology");
  constexpr std::array kLevels = {"threads", "cores", "clusters", "dies", "sockets"};
  std::uint64_t highest = 0, step = 1;
  for (const char* level : kLevels) {
    const std::uint64_t count = std::clamp(topology.attribute(level).as_uint(1), 1U, 1U << 12);
    highest += (count - 1) * step;
    step *= std::bit_ceil(count);
  }
  return highest >= kMostPlainVcpus;
}

pugi::xml_node iommu_of(pugi::xml_node domain) {
  return domain.child("devices").child("iommu");
}

std::size_t times_locked(pugi::xml_node domain) {
  const std::size_t functions = claimed_functions(domain).size();
  return iommu_of(domain) ? functions : std::min<std::size_t>(functions, 1);
}

bool hides_mappings(pugi::xml_node iommu) {
  const pugi::xml_node driver = iommu.child("driver");
  const auto is = [&](const char* name, std::string_view value) {
    return driver.attribute(name).value() == value;
  };
  return std::string_view(iommu.attribute("model").value()) == "intel" && !is("caching_mode", "on") &&
         !is("dma_translation", "off");
}

}  // namespace gpupass
