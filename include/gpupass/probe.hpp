// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/parts.hpp"
#include "gpupass/system.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

struct ProbeOptions {
  Parts parts;                    ///< needs() says which a verb looks at.
  std::vector<PciAddress> named;  ///< Functions that the user names, treated like GPUs.
};

/// Takes the snapshot. One odd device never makes it fail: a fact that cannot be read is unknown, and is
/// listed in `limits`. Reads: /sys/bus/{mdev,pci}/devices, /sys/kernel/{config/nvmet,iommu_groups},
/// /sys/class/{block,bluetooth,graphics,input,iommu,kfd,net,vtconsole}, /sys/devices/system/{cpu,node},
/// /sys/module/vfio_iommu_type1, /proc/{cmdline,interrupts,iomem,spl,swaps}, /proc/PID/{cgroup,fd,maps},
/// /proc/self/{mountinfo,net}, /etc/{driverctl.d,fstab,gpupass,modprobe.d}, /dev/disk, /run/gpupass, /boot,
/// /lib/modules, the folders of initramfs-tools and dracut; through the worker: libvirt, NVML, disks.
Host probe(const System& system, const ProbeOptions& options);

}  // namespace gpupass
#pragma GCC visibility pop
