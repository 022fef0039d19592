// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/export.hpp"
#include "gpupass/host.hpp"
#include "gpupass/system.hpp"

namespace GPUPASS_EXPORT gpupass {

/// Which parts of the host a probe reads. What is not asked for is not read.
struct Parts {
  bool all_functions = false;  ///< Ids, driver, group, node and place of every function, not only of GPUs and
                               ///< what is near them.
  bool links = false;  ///< PCI Express links of GPUs; with `details` or `all_functions` also of their path.
  bool details =
      false;  ///< BARs, reset methods, power, subsystem, mediated devices of GPUs and their companions.
  bool config = false;     ///< Configuration space: ACS of every function that matters for isolation.
  bool overrides = false;  ///< driver_override of GPUs and of what moves with them, read behind a deadline.
  bool groups = false;     ///< All IOMMU groups; without it only those of GPUs.
  bool iommu = false;
  bool cpus = false;  ///< CPU topology, NUMA nodes and direct links.
  bool domains = false;
  bool holders = false;  ///< Who has /dev/vfio nodes open.
  bool users = false;  ///< Those, and who has a node of a GPU's, or its sound card's, driver open or mapped.
  bool uses = false;   ///< What the host itself uses: disks, networks, console, keyboards.
  bool boot = false;   ///< Boot images, and what builds them.

  static Parts everything();
};

struct ProbeOptions {
  Parts parts;
  std::vector<PciAddress> also;  ///< Functions that the user names, treated like GPUs.
};

/// Takes the snapshot. One odd device never fails it: what cannot be read is unknown, and stands in `limits`.
/// Reads: /sys/bus/{mdev,pci}/devices, /sys/kernel/iommu_groups,
/// /sys/class/{block,graphics,input,iommu,kfd,net,vtconsole}, /sys/devices/system/{cpu,node},
/// /sys/module/vfio_iommu_type1, /proc/{cmdline,interrupts,iomem,swaps}, /proc/PID/{cgroup,fd,maps},
/// /proc/self/{mountinfo,net}, /etc/{driverctl.d,fstab,gpupass,modprobe.d}, /dev/disk, /run/gpupass, /boot,
/// /lib/modules, the folders of initramfs-tools and dracut; through the worker: hwloc, libvirt, NVML.
Host probe(const System& system, const ProbeOptions& options);

}  // namespace GPUPASS_EXPORT gpupass
