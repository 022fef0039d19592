// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/cpu_set.hpp"
#include "gpupass/pci.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

enum class NumaPolicy { Required, Socket, Preferred };
/// "required", "socket", "preferred".
std::string_view to_string(NumaPolicy policy);
enum class VirtType { Kvm, Qemu };
/// "kvm", "qemu".
std::string_view to_string(VirtType type);
enum class Firmware { Uefi, Bios };
/// "uefi", "bios".
std::string_view to_string(Firmware firmware);
enum class GuestSystem { Linux, Windows };
/// "linux", "windows".
std::string_view to_string(GuestSystem system);

/// The part of a guest that goes to one NUMA node of the host.
struct CellRequest {
  unsigned node = 0;
  unsigned vcpus = 0;
  std::uint64_t memory_bytes = 0;
  friend bool operator==(const CellRequest&, const CellRequest&) = default;
};

/// What the user wants of a guest.
struct Request {
  std::string name = "guest";         ///< The domain's name.
  std::vector<std::string> gpus;      ///< GPUs by name; empty: `gpu_count` of the host's choice.
  std::optional<unsigned> gpu_count;  ///< Not given: 1, or none where `devices` names slices of GPUs.
  /// What goes with them: addresses of NICs, NVMe disks and the like, and slices: virtual functions of GPUs,
  /// and UUIDs of mediated devices.
  std::vector<std::string> devices;
  std::optional<unsigned> vcpus;  ///< Not given: what a base definition says, else 4 for each GPU.
  std::optional<std::uint64_t>
      memory_bytes;                ///< Not given: what a base definition says, else 8 GiB for each GPU.
  std::vector<CellRequest> cells;  ///< How vCPUs and memory are split; empty: as the GPUs are.
  std::optional<NumaPolicy> numa;  ///< Not given: what a base definition says, else required.
  std::optional<std::uint64_t>
      page_size_bytes;  ///< 0: ordinary pages; not given: what a base says, else huge pages if they suffice.
  std::optional<VirtType> virt_type;  ///< Not given: what a base definition says, else KVM.
  std::optional<Firmware> firmware;   ///< Not given: what a base definition says, else UEFI.
  std::vector<std::string> disks;     ///< Image files, raw or qcow2 by their ending.
  std::vector<std::string> networks;  ///< libvirt networks.
  CpuSet reserved_cpus;               ///< Kept for the host.
  std::vector<PciAddress> force;      ///< Devices whose protection the user gives up, each by name.
  GuestSystem guest = GuestSystem::Linux;
  bool secure_boot = false;  ///< UEFI only.
  bool tpm = false;          ///< An emulated TPM 2.0.
  bool hide_hypervisor =
      false;  ///< For guest drivers that refuse to run in a virtual machine; turns peer-to-peer off.
  std::string rom_file;             ///< For function 0 of each GPU; empty: the card's own.
  std::vector<std::string> cdroms;  ///< Images of CD-ROMs. A new definition boots from its disks first.
  std::string seed;                 ///< The image that configures the guest at its first boot; empty: none.
  bool agent = false;               ///< A channel to QEMU's guest agent, in a new definition.
  bool display = false;  ///< A display that this host alone can see, and a tablet, in a new definition.
  friend bool operator==(const Request&, const Request&) = default;
};

}  // namespace gpupass
#pragma GCC visibility pop
