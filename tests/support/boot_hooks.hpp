// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>

#include "gpupass/boot.hpp"
#include "support/memory_system.hpp"

namespace gpupass {

/// The files of gpupass that the tool needs, each with the content "old".
inline std::vector<OwnFile> boot_hooks(BootTool tool) {
  std::vector<OwnFile> hooks;
  for (const std::string& path : boot_hook_paths(tool)) hooks.push_back({path, std::string("old")});
  return hooks;
}

/// Whether the tool has all of them.
inline Answer has_boot_hooks(const BootImages& images) {
  const auto is_missing = [](const OwnFile& hook) { return hook.content.absent(); };
  const auto is_present = [](const OwnFile& hook) { return bool{hook.content}; };
  if (images.hooks.empty() || std::ranges::any_of(images.hooks, is_missing)) return Answer::No;
  return std::ranges::all_of(images.hooks, is_present) ? Answer::Yes : Answer::Unknown;
}

/// A machine that has them.
inline MemorySystem& add_boot_hooks(MemorySystem& machine, BootTool tool = BootTool::InitramfsTools) {
  for (const OwnFile& hook : boot_hooks(tool)) machine.file(hook.path, *hook.content + "\n");
  return machine;
}

}  // namespace gpupass
