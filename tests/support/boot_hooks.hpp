// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/boot.hpp"
#include "support/memory_system.hpp"

namespace gpupass {

/// The files of gpupass that the tool needs, each with the content "old".
inline std::vector<BootHook> boot_hooks(BootTool tool) {
  std::vector<BootHook> hooks;
  for (const std::string& path : boot_hook_paths(tool)) hooks.push_back({path, std::string("old")});
  return hooks;
}

/// A machine that has them.
inline MemorySystem& add_boot_hooks(MemorySystem& machine, BootTool tool = BootTool::InitramfsTools) {
  for (const BootHook& hook : boot_hooks(tool)) machine.file(hook.path, *hook.content + "\n");
  return machine;
}

}  // namespace gpupass
