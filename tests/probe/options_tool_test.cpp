// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/options_tool.hpp"

#include <gtest/gtest.h>

#include "support/memory_system.hpp"

namespace gpupass::options_tool_test {
namespace {

Fact<std::string> tool_of(const std::string& os_release) {
  MemorySystem system;
  system.file("/etc/os-release", os_release);
  return read_options_tool(system);
}

TEST(OptionsTool, IsTheDistributions) {
  EXPECT_EQ(tool_of("ID=ubuntu\nID_LIKE=debian\n"), Fact<std::string>("update-grub"));
  EXPECT_EQ(tool_of("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), Fact<std::string>("update-grub"));
  EXPECT_EQ(tool_of("ID=pop\nID_LIKE=\"ubuntu debian\"\n"), Fact<std::string>("kernelstub"));
  EXPECT_EQ(tool_of("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"), Fact<std::string>("grubby"));
  EXPECT_EQ(tool_of("ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n"),
            Fact<std::string>("grub2-mkconfig"));
  EXPECT_EQ(tool_of("ID=endeavouros\nID_LIKE='arch'\n"), Fact<std::string>("grub-mkconfig"));
  EXPECT_EQ(tool_of("ID=nixos\n"), Fact<std::string>("nixos-rebuild"));
  EXPECT_EQ(tool_of("ID=fedora\nOSTREE_VERSION='42.1'\n"), Fact<std::string>("rpm-ostree"));
  EXPECT_TRUE(tool_of("ID=plan9\n").absent());
  EXPECT_FALSE(read_options_tool(MemorySystem()));
}

TEST(OptionsTool, IsTheBootLoadersOnProxmoxAndUnraid) {
  MemorySystem proxmox, unraid;
  proxmox.file("/etc/os-release", "ID=debian\n").file("/etc/kernel/proxmox-boot-uuids", "1234-ABCD");
  unraid.file("/etc/os-release", "ID=slackware\n").file("/boot/config/vfio-pci.cfg", "BIND=\n");
  EXPECT_EQ(read_options_tool(proxmox), Fact<std::string>("proxmox-boot-tool"));
  EXPECT_EQ(read_options_tool(proxmox.file("/sys/firmware/acpi/tables/IVRS", "")),
            Fact<std::string>("update-grub"));
  EXPECT_EQ(read_options_tool(unraid), Fact<std::string>("syslinux"));
}

TEST(OptionsTool, IsTheLoadersWhereThereIsNoGrub) {
  MemorySystem arch, fedora, board, raspberry;
  arch.file("/etc/os-release", "ID=arch\n").file("/boot/loader/loader.conf", "");
  fedora.file("/etc/os-release", "ID=fedora\n").file("/boot/loader/loader.conf", "");
  board.file("/etc/os-release", "ID=debian\n").file("/boot/extlinux/extlinux.conf", "");
  raspberry.file("/etc/os-release", "ID=debian\n").file("/boot/firmware/cmdline.txt", "");
  EXPECT_EQ(read_options_tool(arch), Fact<std::string>("systemd-boot"));
  arch.file("/etc/kernel/cmdline", "ro");
  EXPECT_EQ(read_options_tool(arch), Fact<std::string>("kernel-install"));
  EXPECT_EQ(read_options_tool(fedora), Fact<std::string>("grubby"));
  EXPECT_EQ(read_options_tool(board), Fact<std::string>("extlinux"));
  EXPECT_EQ(read_options_tool(raspberry), Fact<std::string>("cmdline.txt"));
}

TEST(OptionsTool, ComesOutOfWhatACaptureKeeps) {
  const std::string text = "NAME=\"Pop!_OS\"\nID=pop\nID_LIKE=\"ubuntu debian\"\nHOME_URL=\"https://x\"\n";
  EXPECT_EQ(options_tool_lines(text), "ID=pop\nID_LIKE=\"ubuntu debian\"\n");
}

}  // namespace
}  // namespace gpupass::options_tool_test
