// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/options_tool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "probe/folder.hpp"

namespace gpupass {

namespace {

/// What a distribution calls itself or is like, and its tool. The first that is among the names counts: what
/// is like Ubuntu may have a tool of its own.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kTools = {
    {{"pop", "kernelstub"},
     {"nixos", "nixos-rebuild"},
     {"fedora", "grubby"},
     {"rhel", "grubby"},
     {"centos", "grubby"},
     {"suse", "grub2-mkconfig"},
     {"opensuse", "grub2-mkconfig"},
     {"arch", "grub-mkconfig"},
     {"gentoo", "grub-mkconfig"},
     {"ubuntu", "update-grub"},
     {"debian", "update-grub"}}};

constexpr std::array<std::string_view, 3> kOfGrub = {"grub-mkconfig", "grub2-mkconfig", "update-grub"};

/// The words of a line 'KEY=word' or 'KEY="word word"'.
std::vector<std::string> words_after(std::string_view text, std::string_view key) {
  std::vector<std::string> words;
  for (std::string_view line : lines_of(text)) {
    if (!line.starts_with(key)) continue;
    std::string value(line.substr(key.size()));
    std::erase_if(value, [](char c) { return c == '"' || c == '\''; });
    for (const std::string_view word : words_of(value)) words.emplace_back(word);
  }
  return words;
}

bool has_file(const System& system, const std::string& folder, const std::string& name) {
  const auto names = system.list(folder);
  return names && std::ranges::find(*names, name) != names->end();
}

/// Then Proxmox starts with GRUB.
bool starts_without_efi(const System& system) {
  const auto names = system.list("/sys/firmware");
  return names && std::ranges::find(*names, "efi") == names->end();
}

/// Of a board, which starts without GRUB whatever distribution it has. Empty: it is none.
std::string loader_of_board(const System& system) {
  for (const char* folder : {"/boot/firmware", "/boot"})
    if (has_file(system, folder, "cmdline.txt")) return "cmdline.txt";  // Raspberry Pi.
  return has_file(system, "/boot/extlinux", "extlinux.conf") ? "extlinux" : "";
}

/// What serves systemd-boot: it has files of its own, or those that kernel-install writes. Empty: it is not
/// there.
std::string loader_of_systemd(const System& system) {
  constexpr std::array<const char*, 3> kFolders = {"/boot/loader", "/efi/loader", "/boot/efi/loader"};
  const bool present = std::ranges::any_of(
      kFolders, [&](const char* folder) { return has_file(system, folder, "loader.conf"); });
  if (!present) return "";
  return has_file(system, "/etc/kernel", "cmdline") ? "kernel-install" : "systemd-boot";
}

}  // namespace

Fact<std::string> read_options_tool(const System& system) {
  const Fact<std::string> text = system.read("/etc/os-release");
  if (!text) return text;
  if (has_file(system, "/etc/kernel", "proxmox-boot-uuids"))
    return std::string(starts_without_efi(system) ? "update-grub" : "proxmox-boot-tool");
  if (has_file(system, "/boot/config", "vfio-pci.cfg")) return std::string("syslinux");  // Unraid.
  if (std::string loader = loader_of_board(system); !loader.empty()) return loader;
  if (!words_after(*text, "OSTREE_VERSION=").empty()) return std::string("rpm-ostree");
  std::vector<std::string> names = words_after(*text, "ID=");
  for (std::string& like : words_after(*text, "ID_LIKE=")) names.push_back(std::move(like));
  const std::string loader = loader_of_systemd(system);
  for (const auto& [name, tool] : kTools)
    if (std::ranges::find(names, name) != names.end()) {
      const bool grub = std::ranges::find(kOfGrub, tool) != kOfGrub.end();
      return grub && !loader.empty() ? loader : std::string(tool);
    }
  return loader.empty() ? Fact<std::string>(Absent{}) : Fact<std::string>(loader);
}

std::string options_tool_lines(std::string_view os_release) {
  std::string lines;
  for (const std::string_view line : lines_of(os_release))
    for (const std::string_view key : {"ID=", "ID_LIKE=", "OSTREE_VERSION="})
      if (line.starts_with(key)) lines += fmt::format("{}\n", line);
  return lines;
}

}  // namespace gpupass
