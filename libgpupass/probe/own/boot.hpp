// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/boot.hpp"
#include "gpupass/fact.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// What is bound at boot; none where there is no file. Reads: /etc/gpupass/boot-bindings.
Fact<std::vector<BootBinding>> read_boot_bindings(const System& system, Limits& limits);

/// The boot images of the kernels that are installed. Absent: neither initramfs-tools nor dracut is there.
/// Reads: /boot, /lib/modules, /usr/share/initramfs-tools, /usr/lib/dracut.
Fact<BootImages> read_boot_images(const System& system, Limits& limits);

}  // namespace gpupass
