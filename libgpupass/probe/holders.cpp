// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/holders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/number.hpp"
#include "probe/folder.hpp"

namespace gpupass {

namespace {

/// The groups that one process holds; nothing when its files are hidden. A process that is gone holds none.
std::optional<std::set<std::uint32_t>> groups_held_by(const System& system, int pid) {
  std::set<std::uint32_t> groups;
  const std::string folder = fmt::format("/proc/{}/fd", pid);
  const auto descriptors = system.list(folder);
  if (descriptors.unknown()) return std::nullopt;
  for (const std::string& descriptor : descriptors.value_or({})) {
    const Fact<std::string> target = system.link(folder + '/' + descriptor);
    if (target.unknown()) return std::nullopt;
    if (const auto group = vfio_group(target.value_or(""))) groups.insert(*group);
  }
  return groups;
}

}  // namespace

Fact<std::vector<Holder>> read_holders(const System& system, Limits& limits) {
  std::vector<Holder> holders;
  bool processes = false;
  bool hidden = false;
  for (const std::string& name : system.list("/proc").value_or({})) {
    const auto pid = process_id(name);
    if (!pid) continue;
    processes = true;
    const auto groups = groups_held_by(system, *pid);
    hidden |= !groups;
    for (const std::uint32_t group : groups.value_or(std::set<std::uint32_t>())) {
      const Fact<std::string> command = system.read(fmt::format("/proc/{}/comm", *pid));
      holders.push_back({group, *pid, command.value_or("")});
    }
  }
  if (!processes) {
    limits.add("holders of /dev/vfio", "this machine shows no processes");
    return Absent{};
  }
  if (hidden) {
    const std::string why = "the open files of some processes are hidden: needs root with CAP_SYS_PTRACE";
    limits.add("holders of /dev/vfio", why);
    return Unknown{why};
  }
  std::ranges::sort(holders, {},
                    [](const Holder& holder) { return std::tie(holder.iommu_group, holder.pid); });
  return holders;
}

std::optional<std::uint32_t> vfio_group(std::string_view target) {
  constexpr std::string_view kFolder = "/dev/vfio/";
  if (!target.starts_with(kFolder)) return std::nullopt;
  return parse_number<std::uint32_t>(target.substr(kFolder.size()));
}

std::optional<int> process_id(std::string_view name) {
  const auto pid = parse_number<int>(name);
  return pid && *pid > 0 ? pid : std::nullopt;
}

}  // namespace gpupass
