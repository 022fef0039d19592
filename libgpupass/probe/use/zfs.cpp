// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/zfs.hpp"

#include <algorithm>

namespace gpupass {

namespace {

bool is_volume(std::string_view disk) {
  return disk.starts_with("zd") && disk.find_first_of("0123456789") == 2;
}

}  // namespace

bool has_zfs_pool(const System& system, const std::vector<std::string>& names,
                  const std::vector<MountEntry>& mounts) {
  const auto is_pool = [&](const std::string& name) {
    return !system.read(std::string(kZfsFolder) + '/' + name + "/state").absent();
  };
  return std::ranges::any_of(names, is_volume) ||
         std::ranges::find(mounts, "zfs", &MountEntry::type) != mounts.end() ||
         std::ranges::any_of(system.list(kZfsFolder).value_or({}), is_pool);
}

}  // namespace gpupass
