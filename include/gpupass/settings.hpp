// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/cpu_set.hpp"
#include "gpupass/identity.hpp"
#include "gpupass/pci.hpp"
#include "gpupass/request.hpp"
#include "gpupass/tuning.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// A name that the user gives a GPU. It means this device alone, not another one that is at its address
/// later.
struct GpuName {
  std::string name;  ///< "left".
  PciAddress address;
  Identity identity;
  friend bool operator==(const GpuName&, const GpuName&) = default;
};

/// Whether a text can be such a name: letters, digits, ".", "_" and "-" after a first letter, and nothing
/// that names GPUs in another way.
bool is_gpu_name(std::string_view name);

/// What a request means that does not say it. nullopt: as without settings.
struct RequestDefaults {
  std::optional<NumaPolicy> numa;
  std::optional<std::uint64_t> page_size_bytes;
  std::optional<VirtType> virt_type;
  std::optional<Firmware> firmware;
  friend bool operator==(const RequestDefaults&, const RequestDefaults&) = default;
};

/// What the declared state of a host says beside its drivers: every verb follows it.
struct Settings {
  std::vector<GpuName> names;     ///< Ascending by name.
  CpuSet reserved_cpus;           ///< No guest is placed on them.
  std::vector<std::string> stop;  ///< Services that may be stopped while a GPU leaves the host. Ascending.
  RequestDefaults defaults;
  std::vector<Tuning> tune = {};  ///< While guests with GPUs run. Ascending.
  friend bool operator==(const Settings&, const Settings&) = default;
};

/// A GPU that no guest may have until a person has looked at it.
struct Quarantined {
  PciAddress address;
  Identity identity;
  std::string reason;
  bool unproven = false;  ///< A hand-over put it there, and a later one may prove it sound and free it.
  friend bool operator==(const Quarantined&, const Quarantined&) = default;
};

}  // namespace gpupass
#pragma GCC visibility pop
