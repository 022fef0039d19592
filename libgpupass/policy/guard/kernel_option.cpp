// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/kernel_option.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>

namespace gpupass {

namespace {

/// How each tool sets an option, and how it takes one out. What it writes from, where it has a file for that.
struct OptionsTool {
  std::string_view name, set, take_out;
};

constexpr std::array<OptionsTool, 4> kTools = {
    {{"grubby", "grubby --update-kernel=ALL --args={}", "grubby --update-kernel=ALL --remove-args={}"},
     {"kernelstub", "kernelstub --add-options {}", "kernelstub --delete-options {}"},
     {"nixos-rebuild", "boot.kernelParams, then nixos-rebuild boot",
      "boot.kernelParams, then nixos-rebuild boot"},
     {"rpm-ostree", "rpm-ostree kargs --append-if-missing={}", "rpm-ostree kargs --delete-if-present={}"}}};

/// A file with options, and the command that makes the boot loader read it.
struct OptionsFile {
  std::string_view tool, file, command;
};

constexpr std::string_view kGrub = "GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub";
constexpr std::array<OptionsFile, 9> kFiles = {
    {{"cmdline.txt", "the line in /boot/firmware/cmdline.txt", ""},
     {"extlinux", "the line append in /boot/extlinux/extlinux.conf", ""},
     {"grub-mkconfig", kGrub, "grub-mkconfig -o /boot/grub/grub.cfg"},
     {"grub2-mkconfig", kGrub, "grub2-mkconfig -o /boot/grub2/grub.cfg"},
     {"kernel-install", "/etc/kernel/cmdline", "kernel-install add-all"},
     {"proxmox-boot-tool", "/etc/kernel/cmdline", "proxmox-boot-tool refresh"},
     {"systemd-boot", "the line options in loader/entries of the boot partition", ""},
     {"syslinux", "the line append in /boot/syslinux/syslinux.cfg", ""},
     {"update-grub", kGrub, "update-grub"}}};

std::string tool_of(const Host& host) {
  return host.iommu ? host.iommu->options_tool.value_or("") : "";
}

std::string how(const Host& host, std::string_view option, std::string_view OptionsTool::* what) {
  const std::string name = tool_of(host);
  if (const auto tool = std::ranges::find(kTools, name, &OptionsTool::name); tool != kTools.end())
    return fmt::format(" ({})", fmt::format(fmt::runtime((*tool).*what), option));
  const auto file = std::ranges::find(kFiles, name, &OptionsFile::tool);
  if (file == kFiles.end()) return {};
  return fmt::format(" ({}{})", file->file,
                     file->command.empty() ? "" : fmt::format(", then {}", file->command));
}

}  // namespace

std::string boot_with(const Host& host, std::string_view option) {
  return fmt::format("boot with {}{}", option, how(host, option, &OptionsTool::set));
}

std::string boot_with(const Host& host, std::string_view option, std::string_view finding) {
  if (!writes_kernel_options(host)) return boot_with(host, option);
  return fmt::format("boot with {} (gpupass prepare --fix {})", option, finding);
}

bool writes_kernel_options(const Host& host) {
  return tool_of(host) == "update-grub";
}

std::string boot_without(const Host& host, std::string_view option) {
  return fmt::format("take {} off the kernel's command line{}", option,
                     how(host, option, &OptionsTool::take_out));
}

std::vector<std::string> pci_options(const Host& host) {
  constexpr std::string_view kPci = "pci=";
  std::vector<std::string> parts;
  if (!host.iommu) return parts;
  for (const std::string& option : host.iommu->kernel_options) {
    if (!option.starts_with(kPci)) continue;
    for (const auto part : std::views::split(std::string_view(option).substr(kPci.size()), ','))
      parts.emplace_back(part.begin(), part.end());
  }
  return parts;
}

}  // namespace gpupass
