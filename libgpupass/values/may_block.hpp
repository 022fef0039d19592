// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace gpupass {

/// Files that the kernel shows only once it has a lock, by their names. What hangs may hold that lock for
/// ever, so they are read behind a deadline, and nowhere without.
inline constexpr std::array<std::string_view, 8> kMayBlock = {
    // The lock of the device: driver_override_show() of drivers/pci/pci-sysfs.c, up to Linux 6.
    "driver_override",
    // The lock of the device: sriov_numvfs_show() of drivers/pci/iov.c, since Linux 5.5.
    "sriov_numvfs",
    // The lock of the console: show_bind() of drivers/tty/vt/vt.c, since Linux 5.3.
    "bind",
    // The lock of the process's memory: m_start() of fs/proc/task_mmu.c.
    "maps",
    // A lock of NVIDIA's driver for the GPU, in /proc/driver/nvidia.
    "information",
    // The same, for a virtual function that carries vGPUs.
    "current_vgpu_type",
    "creatable_vgpu_types",
    // A lock of the driver that makes mediated devices.
    "available_instances",
};

/// Whether reading the file may never return.
constexpr bool may_block(std::string_view path) {
  return std::ranges::find(kMayBlock, path.substr(path.rfind('/') + 1)) != kMayBlock.end();
}

}  // namespace gpupass
