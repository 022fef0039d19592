// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/known_drivers.hpp"

#include <algorithm>
#include <array>

namespace gpupass {

namespace {

constexpr std::array<std::string_view, 51> kDrivers = {
    // GPUs and displays
    "amdgpu", "ast", "bochs-drm", "cirrus", "gma500", "habanalabs", "hibmc-drm", "i915", "mgag200", "nouveau",
    "nova-core", "NovaCore", "nvidia", "qxl", "radeon", "virtio-pci", "vmwgfx", "xe", "xgifb",
    // what connects them
    "nvidia-nvswitch",
    // what is on their cards: sound, USB, USB-C
    "i2c-designware-pci", "i2c_nvidia_gpu", "nvidia-gpu", "snd_hda_intel", "xhci-pci", "xhci_hcd",
    // what may go with them: networks, disks and serial lines
    "ahci", "atlantic", "be2net", "bnx2x", "bnxt_en", "cxgb4", "e1000", "e1000e", "i40e", "iavf", "ice",
    "igb", "igc", "ionic", "ixgbe", "ixgbevf", "mlx4_core", "mlx5_core", "nvme", "qede", "r8169", "serial",
    "sfc",
    // VFIO's own, and the one that does nothing
    "pci-stub", "vfio-pci"};

}  // namespace

bool is_known_to_let_go(std::string_view driver) {
  return std::ranges::find(kDrivers, driver) != kDrivers.end();
}

}  // namespace gpupass
