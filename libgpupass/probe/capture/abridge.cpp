// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/capture/abridge.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "probe/capture/abridge_disks.hpp"
#include "probe/capture/shorten_file.hpp"
#include "probe/cpu/cpus.hpp"
#include "probe/folder.hpp"
#include "probe/own/claims.hpp"
#include "probe/own/udev_rules.hpp"
#include "probe/pci/direct_links.hpp"
#include "probe/pci/iommu.hpp"
#include "probe/pci/options_tool.hpp"
#include "probe/pci/vfio_variants.hpp"
#include "probe/use/console.hpp"
#include "probe/use/control_group.hpp"
#include "probe/use/default_routes.hpp"
#include "probe/use/processes.hpp"

namespace gpupass {

namespace {

/// They hold the unique ids of cards.
void shorten_kfd_files(Recording& recording) {
  for (auto& [path, directory] : recording.directories) {
    if (!path.starts_with(kKfdNodesPath)) continue;
    const auto properties = directory.entries.find("properties");
    if (properties != directory.entries.end() && properties->second.kind == Entry::Kind::File)
      properties->second.text = kfd_lines(properties->second.text);
  }
}

/// They name people, and the machines that these come from.
void shorten_sessions(Recording& recording) {
  const auto sessions = recording.directories.find("/run/systemd/sessions");
  if (sessions == recording.directories.end()) return;
  for (auto& [name, entry] : sessions->second.entries)
    if (entry.kind == Entry::Kind::File) entry.text = session_lines(entry.text);
}

/// Options of other modules are private.
void shorten_modprobe(Recording& recording) {
  for (auto& [path, directory] : recording.directories) {
    if (std::ranges::find(kModprobeFolders, path) == kModprobeFolders.end()) continue;
    for (auto& [name, entry] : directory.entries) {
      if (entry.kind != Entry::Kind::File) continue;
      std::string kept;
      for (const auto& [driver, ids] : ids_of_modprobe(entry.text))
        kept += fmt::format("options {} ids={}\n", driver, fmt::join(ids, ","));
      entry.text = kept;
    }
  }
}

void shorten_udev_rules(Recording& recording) {
  for (auto& [path, directory] : recording.directories) {
    if (std::ranges::find(kUdevFolders, path) == kUdevFolders.end()) continue;
    for (auto& [name, entry] : directory.entries)
      if (entry.kind == Entry::Kind::File) entry.text = override_lines(entry.text);
  }
}

/// Keeps of what a process maps the device nodes. @returns whether there are any.
bool shorten_maps(Recording& recording, const std::string& path) {
  const Entry* entry = recording.find(path);
  if (!entry || entry->kind != Entry::Kind::File) return false;
  std::set<std::string> nodes;
  const std::string text = entry->text;
  for (const std::string_view line : lines_of(text))
    if (const auto node = device_node(line); !node.empty()) nodes.insert(fmt::format(" {}", node));
  recording.set(path, {Entry::Kind::File, fmt::format("{}", fmt::join(nodes, "\n"))});
  return !nodes.empty();
}

/// Of the open files whose number is known it keeps the kernel's name, for a path tells of people and
/// projects, and drops the numbers of what does not matter.
void shorten_numbers(Recording& recording, const std::string& folder) {
  const auto numbers = recording.directories.find(folder + ".devices");
  if (numbers == recording.directories.end()) return;
  std::erase_if(numbers->second.entries, [&](const auto& item) {
    const Entry* link = recording.find(link_of_number(item.second.text));
    if (!link || link->kind != Entry::Kind::Link) return !item.second.text.starts_with("195:");
    const auto node = node_of_device(link->text);
    recording.set(folder + '/' + item.first, {Entry::Kind::Link, node ? node->name : "/dev/null"});
    return !node;
  });
  if (numbers->second.entries.empty()) recording.directories.erase(numbers);
}

/// Drops what the other numbers lead to.
void shorten_devices(Recording& recording) {
  for (const char* folder : {"/sys/dev/block", "/sys/dev/char"})
    if (const auto devices = recording.directories.find(folder); devices != recording.directories.end())
      std::erase_if(devices->second.entries,
                    [](const auto& item) { return !node_of_device(item.second.text); });
}

/// Drops the open files that are no device nodes. @returns whether nothing is left.
bool drop_open_files(Directory& descriptors, const Directory* numbers) {
  std::erase_if(descriptors.entries, [numbers](const auto& item) {
    const Entry& entry = item.second;
    const bool numbered = numbers && numbers->entries.contains(item.first);
    return entry.kind != Entry::Kind::Denied && !numbered &&
           !(entry.kind == Entry::Kind::Link && !device_node(entry.text).empty());
  });
  return descriptors.entries.empty();
}

/// Drops the processes that hold nothing, but for one, for a machine has processes; and names that nobody
/// looked at.
void drop_processes(Recording& recording) {
  const auto proc = recording.directories.find("/proc");
  if (proc == recording.directories.end()) return;
  bool kept_one = false;
  std::erase_if(proc->second.entries, [&](const auto& item) {
    const std::string& name = item.first;
    if (!process_id(name)) return item.second.kind == Entry::Kind::Seen;
    const std::string folder = "/proc/" + name;
    shorten_numbers(recording, folder + "/fd");
    const auto descriptors = recording.directories.find(folder + "/fd");
    const auto numbers = recording.directories.find(folder + "/fd.devices");
    const Entry* denied = recording.find(folder + "/fd");
    const bool holds = descriptors != recording.directories.end() &&
                       !drop_open_files(descriptors->second,
                                        numbers == recording.directories.end() ? nullptr : &numbers->second);
    const bool hidden = denied && denied->kind == Entry::Kind::Denied;
    const bool maps = shorten_maps(recording, folder + "/maps");
    if (holds || maps || hidden || !std::exchange(kept_one, true)) return false;
    if (descriptors != recording.directories.end()) recording.directories.erase(descriptors);
    recording.directories.erase(folder);
    return true;
  });
}

void shorten_modules_aliases(Recording& recording) {
  for (auto& [path, directory] : recording.directories)
    for (auto& [name, entry] : directory.entries)
      if (entry.kind == Entry::Kind::File && is_modules_alias(path + '/' + name))
        entry.text = vfio_alias_lines(entry.text);
}

}  // namespace

Recording abridged(Recording recording) {
  shorten_file(recording, "/proc/cmdline", [](const std::string& text) {
    std::vector<std::string> options = iommu_options(text);
    std::ranges::move(console_options(text), std::back_inserter(options));
    return fmt::format("{}", fmt::join(options, " "));
  });
  shorten_file(recording, "/proc/interrupts", [](const std::string& text) {
    return fmt::format("{}", fmt::join(interrupt_chips(text), "\n"));
  });
  shorten_file(recording, "/etc/os-release", options_tool_lines);
  shorten_file(recording, "/proc/cpuinfo", cpuinfo_lines);
  shorten_file(recording, "/sys/devices/system/cpu/modalias", cpu_type);
  shorten_kfd_files(recording);
  shorten_modules_aliases(recording);
  shorten_disks(recording);
  shorten_modprobe(recording);
  shorten_udev_rules(recording);
  shorten_sessions(recording);
  shorten_file(recording, "/proc/iomem", framebuffer_lines);
  shorten_file(recording, "/proc/self/net/route", [](const std::string& text) {
    std::string routes;
    for (const std::string& name : default_routes_v4(text))
      routes += fmt::format("{} 00000000 0 0 0 0 0 00000000\n", name);
    return routes;
  });
  shorten_file(recording, "/proc/self/net/ipv6_route", [](const std::string& text) {
    std::string routes;
    for (const std::string& name : default_routes_v6(text))
      routes += fmt::format("{:032} 00 0 0 0 0 0 0 0 {}\n", 0, name);
    return routes;
  });
  drop_processes(recording);
  shorten_devices(recording);
  return recording;
}

}  // namespace gpupass
