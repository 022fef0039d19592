// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/folder.hpp"

namespace gpupass {

/// The IOMMU groups below /sys/kernel/iommu_groups, each read once, when it is first asked for.
class IommuGroups {
 public:
  IommuGroups(const System& system, Limits& limits) : system_(system), limits_(limits) {}

  /// Sets the group of a function from its `iommu_group` link. A link to a group that is not there makes it
  /// unknown.
  void read_group_of(const Folder& folder, PciFunction& function);
  /// Every group of the machine.
  void read_all();
  /// `type` and `reserved_regions` of the groups read so far.
  void read_details();
  /// The groups read so far, ascending. Says in the limits why there is no group at all.
  Fact<std::vector<IommuGroup>> groups() const;

 private:
  const Fact<IommuGroup>& find(std::uint32_t id);
  Folder folder_of(std::uint32_t id) const;

  const System& system_;
  Limits& limits_;
  std::map<std::uint32_t, Fact<IommuGroup>> groups_;
};

}  // namespace gpupass
