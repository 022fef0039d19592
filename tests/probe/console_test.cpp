// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/console.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/host_builder.hpp"
#include "support/memory_system.hpp"

namespace gpupass::console_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

MemorySystem machine(const std::string& bound, const std::string& framebuffer) {
  MemorySystem system;
  system.file("/sys/class/vtconsole/vtcon0/name", "(S) dummy device");
  system.file("/sys/class/vtconsole/vtcon0/bind", "0");
  system.file("/sys/class/vtconsole/vtcon1/name", "(M) frame buffer device");
  system.file("/sys/class/vtconsole/vtcon1/bind", bound);
  system.symlink("/sys/class/graphics/fb0", framebuffer);
  return system;
}

constexpr auto kOfGpu = "../../devices/pci0000:00/0000:00:01.0/0000:65:00.0/graphics/fb0";

TEST(Console, IsOnTheFirstFramebuffer) {
  EXPECT_THAT(console_uses(machine("1", kOfGpu), {}),
              ElementsAre(DeviceUse{address("0000:65:00.0"), DeviceUse::Kind::Console, "fb0"}));
}

TEST(Console, IsNowhereWhenItWasTakenOff) {
  EXPECT_THAT(console_uses(machine("0", kOfGpu), {}), IsEmpty());
}

TEST(Console, IsOnTheFunctionInWhoseMemoryTheFirmwaresFramebufferIs) {
  const MemorySystem system = machine("1", "../../devices/platform/efi-framebuffer.0/graphics/fb0");
  const PciAddress gpu = address("0000:65:00.0");
  EXPECT_THAT(console_uses(system, {}), IsEmpty());
  EXPECT_THAT(console_uses(system, {{gpu, DeviceUse::Kind::Framebuffer, "vesafb"}}), IsEmpty());
  EXPECT_THAT(console_uses(system, {{gpu, DeviceUse::Kind::Framebuffer, "efifb"}}),
              ElementsAre(DeviceUse{gpu, DeviceUse::Kind::Console, "fb0"}));
  EXPECT_THAT(console_uses(MemorySystem(), {}), IsEmpty());
}

TEST(Console, IsOnALineOfACard) {
  MemorySystem system;
  system.file("/sys/class/tty/console/active", "tty0 ttyS4");
  system.symlink("/sys/class/tty/tty0", "../../devices/virtual/tty/tty0");
  system.symlink("/sys/class/tty/ttyS4", "../../devices/pci0000:00/0000:00:16.3/tty/ttyS4");
  EXPECT_THAT(console_uses(system, {}),
              ElementsAre(DeviceUse{address("0000:00:16.3"), DeviceUse::Kind::Console, "ttyS4"}));
}

TEST(Console, IsOnTheFramebuffersThatTheKernelIsTold) {
  const DeviceUse first{address("0000:65:00.0"), DeviceUse::Kind::Console, "fb0"},
      second{address("0000:66:00.0"), DeviceUse::Kind::Console, "fb1"};
  MemorySystem system = machine("1", kOfGpu);
  system.symlink("/sys/class/graphics/fb1",
                 "../../devices/pci0000:00/0000:00:02.0/0000:66:00.0/graphics/fb1");
  EXPECT_THAT(console_uses(system, {}), ElementsAre(first));
  EXPECT_THAT(console_uses(system.file("/proc/cmdline", "quiet fbcon=map:1"), {}), ElementsAre(second));
  EXPECT_THAT(console_uses(system.file("/proc/cmdline", "fbcon=nodefer,map:10"), {}),
              ElementsAre(first, second));
  EXPECT_THAT(console_uses(system.file("/proc/cmdline", "fbcon=map:3"), {}), ElementsAre(first))
      << "there is no such framebuffer";
}

constexpr auto kIomem =
    "00000000-00000fff : Reserved\n"
    "c0000000-febfffff : PCI Bus 0000:00\n"
    "  d0000000-dfffffff : PCI Bus 0000:65\n"
    "    d0000000-dfffffff : 0000:65:00.0\n"
    "      d0000000-d07e8fff : efifb\n"
    "    e0000000-e0ffffff : 0000:66:00.0\n"
    "      e0000000-e0ffffff : nvidia\n"
    "  fe000000-fe7e8fff : simplefb\n"
    "100000000-1ffffffff : System RAM\n";

TEST(Framebuffer, LiesInAFunctionsMemory) {
  const DeviceUse use{address("0000:65:00.0"), DeviceUse::Kind::Framebuffer, "efifb"};
  EXPECT_THAT(framebuffer_uses(kIomem), ElementsAre(use));
  EXPECT_THAT(framebuffer_uses(framebuffer_lines(kIomem)), ElementsAre(use)) << "and so in a capture";
}

TEST(Framebuffer, IsNotLookedForInWhatIsNoTable) {
  EXPECT_THAT(framebuffer_uses(""), IsEmpty());
  EXPECT_THAT(framebuffer_uses(" : efifb\n : \n:\n0-0 : 0000:65:00.0"), IsEmpty());
}

}  // namespace
}  // namespace gpupass::console_test
