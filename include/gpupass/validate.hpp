// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gpupass/fact.hpp"
#include "gpupass/host.hpp"
#include "gpupass/pci.hpp"

/// What a guest tells of itself, as plain values. Whoever controls the guest chooses all of it.
#pragma GCC visibility push(default)
namespace gpupass {

/// One GPU as NVIDIA's driver in a guest lists it.
struct NvidiaGpu {
  PciAddress address;  ///< In the guest.
  std::string driver_version;
  friend bool operator==(const NvidiaGpu&, const NvidiaGpu&) = default;
};

/// What nvbandwidth measured between one GPU and the memory of its guest, in GB/s: 10^9 bytes.
struct Bandwidth {
  PciAddress address;  ///< In the guest.
  double to_gpu = 0;
  double from_gpu = 0;
  friend bool operator==(const Bandwidth&, const Bandwidth&) = default;
};

/// What a running guest tells. If it tells nothing, each fact is unknown, and says why.
struct GuestFacts {
  /// Whether its agent may run programs, by which all the rest is read. Unknown: no agent answers.
  Fact<bool> runs_programs;
  Fact<std::string> system;  ///< "Debian GNU/Linux 12 (bookworm)".
  /// The guest as its kernel shows it: PCI functions with their ids, places, nodes, links, drivers and BARs,
  /// and NUMA nodes with their CPUs. Only of Linux.
  Fact<Host> machine;
  Fact<std::vector<NvidiaGpu>> nvidia_gpus;  ///< Ascending. Absent: the guest has no nvidia-smi.
  /// The last lines of its kernel's log about errors of PCI devices and of NVIDIA's driver (Xid).
  Fact<std::vector<std::string>> errors;
  Fact<std::vector<Bandwidth>> bandwidths;  ///< Ascending. Absent: the guest has no nvbandwidth.
  friend bool operator==(const GuestFacts&, const GuestFacts&) = default;
};

/// One GPU of the host, as a guest had it.
struct SeenGpu {
  PciAddress address;  ///< On the host.
  Fact<PciAddress> in_guest;
  Fact<std::uint16_t> vendor;
  Fact<std::uint16_t> device;
  Fact<int> node;  ///< Of the guest.
  Fact<PciLink> link;
  Fact<std::string> driver;          ///< Absent: none is bound.
  Fact<std::string> driver_version;  ///< Of NVIDIA's.
  Fact<double> to_gpu;               ///< As Bandwidth has it.
  Fact<double> from_gpu;
  friend bool operator==(const SeenGpu&, const SeenGpu&) = default;
};

/// What a guest had when it was looked at, for later comparison.
struct Baseline {
  std::string domain;
  std::vector<SeenGpu> gpus;  ///< Ascending.
  friend bool operator==(const Baseline&, const Baseline&) = default;
};

}  // namespace gpupass
#pragma GCC visibility pop
