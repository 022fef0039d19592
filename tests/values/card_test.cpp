// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/card.hpp"

#include <gtest/gtest.h>

#include "support/host_builder.hpp"

namespace gpupass::card_test {
namespace {

PciFunction intel_at(const char* at) {
  return HostBuilder().vga(at, "i915").ids(0x8086, 0x46d1).build().functions.front();
}

TEST(IntelGraphics, AreTheProcessorsOwnAndNotItsVirtualFunctions) {
  EXPECT_TRUE(is_intel_graphics(intel_at("0000:00:02.0")));
  EXPECT_FALSE(is_intel_graphics(intel_at("0000:03:00.0"))) << "a card";
  EXPECT_FALSE(is_intel_graphics(HostBuilder().vga("0000:00:02.0").build().functions.front())) << "NVIDIA's";
  PciFunction slice = intel_at("0000:00:02.1");
  slice.physical_function = address("0000:00:02.0");
  EXPECT_FALSE(is_intel_graphics(slice));
}

TEST(VfioDriver, HasItsNameAtTheEnd) {
  for (const char* driver :
       {"vfio-pci", "xe-vfio-pci", "mlx5-vfio-pci", "nvgrace_gpu_vfio_pci", "qat_vfio_pci"})
    EXPECT_TRUE(is_vfio_driver(driver)) << driver;
  for (const char* driver : {"nvidia", "vfio", "xe", "vfio-pci-old", "myvfio-pcix", ""})
    EXPECT_FALSE(is_vfio_driver(driver)) << driver;
}

}  // namespace
}  // namespace gpupass::card_test
