// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/finding.hpp"

namespace gpupass {

std::vector<FindingId> finding_ids() {
  return {
      {"device.claimed", "something else gives it, or all cards of its ids, to a driver at every boot"},
      {"device.default-route", "the default route leads to a network interface of it"},
      {"device.disk-in-use", "a disk of it is mounted, swapped to or part of another disk"},
      {"device.disk-wanted", "/etc/fstab names a disk of it"},
      {"device.identity", "it is not the device that a guest's definition was written for, or nobody can tell"},
      {"device.last-keyboard", "without it the host has no keyboard left"},
      {"device.managed", "libvirt itself takes it from its driver when a guest starts"},
      {"device.network-up", "a network interface of it is up"},
      {"domain.bus-clash", "two of its PCI expanders have the same bus number"},
      {"domain.bus-narrow",
       "more PCI bridges are below the root bus or an expander than bus numbers are left"},
      {"domain.cpu-missing", "it is pinned to CPUs that the host does not have, or that are offline"},
      {"domain.device-missing", "it is given a function that the host does not have"},
      {"domain.device-twice", "it is given one function twice"},
      {"domain.node-missing", "its memory comes from a NUMA node that the host does not have"},
      {"domain.pages-short", "it needs more huge pages than are free on the node"},
      {"domain.sound", "nothing of its definition is wrong on this host"},
      {"domain.wrong-node", "a GPU is below an expander of a cell whose memory is on another node"},
      {"gpu.assignable", "nothing keeps it from being given away"},
      {"gpu.assigned", "a running guest has it, or another function of its group or card"},
      {"gpu.boot-binding", "it is bound to vfio-pci early on every boot"},
      {"gpu.boot-binding-stale", "what was to be bound at boot is not at its address any more"},
      {"gpu.boot-display", "it is the display that the firmware started on"},
      {"gpu.bridge", "it is a bridge, and bridges stay with the host"},
      {"gpu.class", "it is no GPU: neither a display controller (03xx) nor a processing accelerator (12xx)"},
      {"gpu.console", "the kernel's console is shown by it"},
      {"gpu.driver", "whether its driver lets go of it is not known"},
      {"gpu.framebuffer", "the firmware's framebuffer lies in its memory"},
      {"gpu.has-mdevs", "mediated devices of it exist"},
      {"gpu.has-vfs", "virtual functions of it exist"},
      {"gpu.held", "a process holds the /dev/vfio node of its IOMMU group"},
      {"gpu.in-use", "a process has a node of its driver, or of its sound card's, open or mapped"},
      {"gpu.only-display", "without it the host has no display left"},
      {"gpu.persistence", "whether NVIDIA's persistence mode keeps it open is not known"},
      {"gpu.reset", "whether, and together with what, it can be reset"},
      {"gpu.unreadable", "its driver or its driver override cannot be read"},
      {"gpu.watched", "a service has it open that bind stops for the while"},
      {"gpu.wedged", "a driver has hung in its removal: only a reboot helps"},
      {"group.foreign-member", "its IOMMU group holds a function of another card that a host driver uses"},
      {"group.idle-member",
       "its IOMMU group holds a function of another card that no driver uses; bind does not take it along"},
      {"group.missing", "it is in no IOMMU group although the IOMMU is on, or may be"},
      {"group.peers", "others can reach it past the IOMMU"},
      {"group.reserved-memory", "the firmware reserves memory for its IOMMU group: the kernel does not give it away"},
      {"group.unknown", "its IOMMU group cannot be told, or not all of its members"},
      {"iommu.active", "whether an IOMMU is active"},
      {"iommu.disabled", "no IOMMU is active"},
      {"iommu.interrupts", "whether interrupts are remapped"},
  };
}

}  // namespace gpupass
