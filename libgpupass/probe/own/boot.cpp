// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/own/boot.hpp"

#include <algorithm>

#include "codec/boot_file.hpp"
#include "probe/own/record.hpp"

namespace gpupass {

namespace {

using Names = std::vector<std::string>;

bool holds(const System& system, const char* folder, std::string_view name) {
  const auto names = system.list(folder);
  return names && std::ranges::find(*names, name) != names->end();
}

/// The kernel that a file in /boot is the image of; empty: none. Copies that others keep there are named
/// after no kernel.
std::string kernel_of(std::string_view name, const Names& kernels) {
  constexpr std::string_view kDebian = "initrd.img-", kOthers = "initramfs-", kEnd = ".img";
  if (name.starts_with(kDebian))
    name.remove_prefix(kDebian.size());
  else if (name.starts_with(kOthers) && name.ends_with(kEnd) && name.size() > kOthers.size() + kEnd.size())
    name = name.substr(kOthers.size(), name.size() - kOthers.size() - kEnd.size());
  else
    return {};
  const std::string kernel(name);
  return is_kernel_name(kernel) && std::ranges::find(kernels, kernel) != kernels.end() ? kernel
                                                                                       : std::string();
}

}  // namespace

Fact<std::vector<BootBinding>> read_boot_bindings(const System& system, Limits& limits) {
  return read_list(system, kBootFile, parse_boot_file, "what is bound at boot", limits);
}

Fact<BootImages> read_boot_images(const System& system, Limits& limits) {
  BootImages found;
  if (holds(system, "/usr/share/initramfs-tools", "hook-functions"))
    found.tool = BootTool::InitramfsTools;
  else if (holds(system, "/usr/lib/dracut", "dracut-functions.sh"))
    found.tool = BootTool::Dracut;
  else
    return Absent{};
  for (std::string& path : boot_hook_paths(found.tool)) {
    Fact<std::string> content = system.read(path);
    found.hooks.push_back({std::move(path), std::move(content)});
  }
  const auto files = system.list("/boot"), kernels = system.list("/lib/modules");
  for (const auto* folder : {&files, &kernels})
    if (folder->unknown()) {
      limits.add("boot images", folder->why());
      return Unknown{folder->why()};
    }
  for (const std::string& name : files.value_or({}))
    if (const std::string kernel = kernel_of(name, kernels.value_or({})); !kernel.empty())
      found.images.push_back({kernel, "/boot/" + name});
  std::ranges::sort(found.images, {}, &BootImage::kernel);
  return found;
}

}  // namespace gpupass
