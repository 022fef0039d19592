// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/host_builder.hpp"

/// Hosts with a GPU that can be cut into virtual functions.
namespace gpupass {

inline const PciAddress kSliceable = address("0000:65:00.0");
inline const PciAddress kFirstSlice = address("0000:65:00.1");
inline const PciAddress kSecondSlice = address("0000:65:00.2");

inline void can_have_four(PciFunction& gpu) {
  gpu.sriov = Sriov{4, 0};
  gpu.virtual_functions = std::vector<PciAddress>();
  gpu.slicing = Slicing{true, Absent{}, Absent{}, Absent{}};
}

inline void has_two(PciFunction& gpu) {
  can_have_four(gpu);
  gpu.sriov->vfs = 2;
  gpu.virtual_functions = std::vector<PciAddress>{kFirstSlice, kSecondSlice};
}

/// Not cut yet.
inline HostBuilder whole(std::string_view driver = "xe") {
  return HostBuilder().gpu("0000:65:00.0", driver).with(can_have_four).group(5, {"0000:65:00.0"});
}

/// Cut into two, 0000:65:00.1 and 0000:65:00.2.
inline HostBuilder cut(std::string_view driver_of_second = "") {
  return HostBuilder()
      .gpu("0000:65:00.0", "xe")
      .with(has_two)
      .gpu("0000:65:00.1", "")
      .virtual_function_of("0000:65:00.0")
      .gpu("0000:65:00.2", driver_of_second)
      .virtual_function_of("0000:65:00.0")
      .group(5, {"0000:65:00.0"})
      .group(6, {"0000:65:00.1"})
      .group(7, {"0000:65:00.2"});
}

/// Two virtual functions of NVIDIA's driver, for vGPUs of these types.
inline Host for_vgpus(const std::vector<VgpuType>& creatable = {{1145, "NVIDIA L40S-1B"},
                                                                {1150, "NVIDIA L40S-2B"}}) {
  Host host = cut("nvidia").build();
  for (const std::size_t index : {1u, 2u}) {
    host.functions[index].driver = std::string("nvidia");
    host.functions[index].vgpu_type = 0u;
    host.functions[index].slicing->creatable_vgpus = creatable;
  }
  return host;
}

/// The first virtual function carries a vGPU.
inline Host with_vgpu() {
  Host host = for_vgpus();
  host.functions[1].vgpu_type = 1145u;
  host.functions[1].slicing->creatable_vgpus = std::vector<VgpuType>();
  return host;
}

/// A GPU with room for two of the small type, or one of the other.
inline Host for_mediated(std::vector<std::string> devices = {}) {
  Host host = whole("nvidia").build();
  host.functions.front().sriov = Absent{};
  host.functions.front().slicing->mediated_types = std::vector<MediatedType>{
      {"nvidia-222", std::string("GRID T4-1B"), Absent{}, std::string("vfio-pci"), 2u, std::move(devices)},
      {"nvidia-223", std::string("GRID T4-2B"), Absent{}, std::string("vfio-pci"), 1u,
       std::vector<std::string>()},
      {"nvidia-224", std::string("GRID T4-8B"), Absent{}, std::string("vfio-pci"), 0u,
       std::vector<std::string>()}};
  host.mediated_definitions = std::vector<MediatedDefinition>();
  return host;
}

}  // namespace gpupass
