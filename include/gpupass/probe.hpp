// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/parts.hpp"
#include "gpupass/system.hpp"
#include "gpupass/validate.hpp"

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

enum class Measure { No, Yes };
/// How a guest is asked.
struct GuestOptions {
  Measure bandwidth = Measure::No;             ///< Yes: nvbandwidth loads the guest's GPUs, for minutes.
  std::chrono::milliseconds patience{60'000};  ///< For each program in the guest but nvbandwidth.
};

/// What the agent in a running guest tells. It runs /bin/sh there with texts that are gpupass's own, and
/// through it nvidia-smi and nvbandwidth if the guest has them. They read files, and change none. A guest
/// that tells nothing, or nonsense, makes facts unknown.
GuestFacts probe_guest(const System& system, const std::string& domain, const GuestOptions& options = {});

}  // namespace gpupass
#pragma GCC visibility pop
