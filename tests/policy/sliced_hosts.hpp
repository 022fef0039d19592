// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

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

}  // namespace gpupass
