// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/processes.hpp"

#include <fmt/format.h>

#include <map>

#include "probe/folder.hpp"
#include "probe/pci/function_above.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

/// The nodes of device numbers, each looked up once.
class NodesByNumber {
 public:
  explicit NodesByNumber(const System& system) : system_(system) {}

  /// The node that an open file is, where `path` names the file. nullopt: it is none of those that matter.
  std::optional<Node> node_of(const std::string& path, const std::string& target) {
    if (!target.starts_with('/')) return std::nullopt;  // A socket, or a pipe.
    const Fact<std::string> number = system_.device_number(path);
    if (!number) return by_path(system_.live() ? target : own_path(target));
    const auto [known, fresh] = known_.try_emplace(*number);
    if (fresh) known->second = system_.link(link_of_number(known->first));
    if (known->second) return node_of_device(*known->second);
    // NVIDIA's driver shows its nodes nowhere in sysfs, and has a number of its own.
    if (known->first.starts_with("195:")) return Node{"/dev/nvidia" + known->first.substr(4)};
    return by_path(target);
  }

 private:
  /// Of a node in a jail, whose number a capture lacks, the path that the node has outside.
  static std::string_view own_path(std::string_view target) {
    const std::size_t dev = target.rfind("/dev/");
    return dev == target.npos ? target : target.substr(dev);
  }

  static std::optional<Node> by_path(std::string_view target) {
    const std::string_view name = device_node(target);
    return name.empty() ? std::nullopt : std::optional(Node{std::string(name)});
  }

  const System& system_;
  std::map<std::string, Fact<std::string>> known_;
};

/// @returns false when its files are hidden. A process that is gone has none.
bool add_open(const System& system, NodesByNumber& numbers, Process& process) {
  const std::string folder = fmt::format("/proc/{}/fd", process.pid);
  const auto descriptors = system.list(folder);
  if (descriptors.unknown()) return false;
  for (const std::string& descriptor : descriptors.value_or({})) {
    const Fact<std::string> target = system.link(folder + '/' + descriptor);
    if (target.unknown()) return false;
    if (auto node = numbers.node_of(folder + '/' + descriptor, target.value_or("")))
      process.nodes.insert(*std::move(node));
  }
  return true;
}

bool add_mapped(const System& system, Process& process) {
  const Fact<std::string> maps = system.read_guarded(fmt::format("/proc/{}/maps", process.pid));
  if (maps.unknown()) return false;
  const std::string text = maps.value_or("");
  for (const std::string_view line : lines_of(text))
    if (const auto node = device_node(line); !node.empty()) process.nodes.insert({std::string(node)});
  return true;
}

std::optional<Node> node_of_disk(std::string_view target) {
  const auto function = function_in(target);
  return function ? std::optional(Node{"/dev/" + last_name(target), function}) : std::nullopt;
}

}  // namespace

Processes read_processes(const System& system, Mappings mappings) {
  Processes processes;
  NodesByNumber numbers(system);
  for (const std::string& name : system.list("/proc").value_or({})) {
    const auto pid = process_id(name);
    if (!pid) continue;
    Process process{*pid, {}};
    if (add_open(system, numbers, process) && (mappings == Mappings::No || add_mapped(system, process)))
      processes.all.push_back(std::move(process));
    else
      ++processes.hidden;
  }
  return processes;
}

std::string link_of_number(std::string_view number) {
  constexpr std::string_view kBlock = "block ";
  if (number.starts_with(kBlock)) return fmt::format("/sys/dev/block/{}", number.substr(kBlock.size()));
  return fmt::format("/sys/dev/char/{}", number);
}

std::optional<Node> node_of_device(std::string_view target) {
  if (target.find("/block/") != target.npos || target.find("/nvme/") != target.npos)
    return node_of_disk(target);
  // What can be pulled out at any time lets go of its readers.
  if (target.find("/usb") != target.npos || target.find("/input") != target.npos) return std::nullopt;
  const auto function = function_in(target);
  const std::string last = last_name(target);
  const auto lies_in = [target](std::string_view folder) { return target.find(folder) != target.npos; };
  if (lies_in("/virtual/vfio/")) return Node{"/dev/vfio/" + last};
  if (lies_in("/virtual/kfd/")) return Node{"/dev/kfd"};
  if (!function) return std::nullopt;
  if (lies_in("/vfio-dev/")) return Node{"/dev/vfio/devices/" + last, function};
  if (lies_in("/accel/")) return Node{"/dev/accel/" + last, function};
  if (lies_in("/sound/")) return Node{"/dev/snd/" + last, function};
  const bool drm = last.starts_with("card") || last.starts_with("renderD") || last.starts_with("controlD");
  return Node{(drm ? "/dev/dri/" : "/dev/") + last, function};
}

std::string_view device_node(std::string_view text) {
  if (!text.starts_with("/dev/")) {
    const std::size_t blank = text.find(" /dev/");
    if (blank == text.npos) return {};
    text.remove_prefix(blank + 1);
  }
  constexpr std::string_view kDeleted = " (deleted)";
  if (text.ends_with(kDeleted)) text.remove_suffix(kDeleted.size());
  for (const char* folder :
       {"/dev/vfio/", "/dev/dri/", "/dev/snd/", "/dev/accel/", "/dev/i2c-", "/dev/nvidia", "/dev/kfd"})
    if (text.starts_with(folder)) return text;
  return {};
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
