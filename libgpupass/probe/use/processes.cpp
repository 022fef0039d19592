// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/processes.hpp"

#include <fmt/format.h>

#include "probe/folder.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

/// @returns false when its files are hidden. A process that is gone has none.
bool add_open(const System& system, Process& process) {
  const std::string folder = fmt::format("/proc/{}/fd", process.pid);
  const auto descriptors = system.list(folder);
  if (descriptors.unknown()) return false;
  for (const std::string& descriptor : descriptors.value_or({})) {
    const Fact<std::string> target = system.link(folder + '/' + descriptor);
    if (target.unknown()) return false;
    const std::string text = target.value_or("");
    if (const auto node = device_node(text); !node.empty()) process.nodes.emplace(node);
  }
  return true;
}

bool add_mapped(const System& system, Process& process) {
  const Fact<std::string> maps = system.read_guarded(fmt::format("/proc/{}/maps", process.pid));
  if (maps.unknown()) return false;
  const std::string text = maps.value_or("");
  for (const std::string_view line : lines_of(text))
    if (const auto node = device_node(line); !node.empty()) process.nodes.emplace(node);
  return true;
}

}  // namespace

Processes read_processes(const System& system, Mappings mappings) {
  Processes processes;
  for (const std::string& name : system.list("/proc").value_or({})) {
    const auto pid = process_id(name);
    if (!pid) continue;
    Process process{*pid, {}};
    if (add_open(system, process) && (mappings == Mappings::No || add_mapped(system, process)))
      processes.all.push_back(std::move(process));
    else
      ++processes.hidden;
  }
  return processes;
}

std::string_view device_node(std::string_view text) {
  if (!text.starts_with("/dev/")) {
    const std::size_t blank = text.find(" /dev/");
    if (blank == text.npos) return {};
    text.remove_prefix(blank + 1);
  }
  for (const char* folder : {"/dev/vfio/", "/dev/dri/", "/dev/snd/", "/dev/nvidia", "/dev/kfd"})
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
