// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gpupass/cpu_set.hpp"

namespace gpupass {

enum class NumaPolicy { Required, Socket, Preferred };
enum class VirtType { Kvm, Qemu };
enum class Firmware { Uefi, Bios };

/// What the user wants of a guest.
struct Request {
  std::string name = "guest";      ///< The domain's name.
  std::vector<std::string> gpus;   ///< GPUs by name; empty: `gpu_count` of the host's choice.
  unsigned gpu_count = 1;
  std::optional<unsigned> vcpus;   ///< Not given: what a base definition says, else 4.
  std::optional<std::uint64_t> memory_bytes;  ///< Not given: what a base definition says, else 8 GiB.
  NumaPolicy numa = NumaPolicy::Required;
  std::optional<std::uint64_t> page_size_bytes;  ///< 0: ordinary pages; not given: huge pages if they suffice.
  VirtType virt_type = VirtType::Kvm;
  std::optional<Firmware> firmware;  ///< Not given: what a base definition says, else UEFI.
  std::vector<std::string> disks;     ///< Image files, raw or qcow2 by their ending.
  std::vector<std::string> networks;  ///< libvirt networks.
  CpuSet reserved_cpus;               ///< Kept for the host.
  friend bool operator==(const Request&, const Request&) = default;
};

}  // namespace gpupass
