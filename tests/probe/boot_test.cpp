// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/capture.hpp"
#include "gpupass/probe.hpp"
#include "support/boot_hooks.hpp"
#include "support/host_builder.hpp"
#include "support/memory_system.hpp"

namespace gpupass::boot_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kFile = "/etc/gpupass/boot-bindings";

Host probed(const System& machine) {
  return probe(machine, {Parts::everything(), {}});
}

MemorySystem debian() {
  MemorySystem machine;
  for (const char* name : {"hook-functions", "init", "hooks/udev"})
    machine.file(std::string("/usr/share/initramfs-tools/") + name, "");
  for (const char* name :
       {"initrd.img-6.1.0-18-amd64", "initrd.img-6.1.0-17-amd64", "initrd.img-6.1.0-9-amd64",
        "initrd.img-6.1.0-18-amd64.bak", "initrd.img-", "initrd.img-..", "vmlinuz-6.1.0-18-amd64"})
    machine.file(std::string("/boot/") + name, "");
  for (const char* kernel : {"6.1.0-17-amd64", "6.1.0-18-amd64"})
    machine.folder(std::string("/lib/modules/") + kernel);
  return machine;
}

TEST(ProbeBoot, FindsTheImagesOfKernelsThatAreInstalled) {
  const Host host = probed(debian());
  ASSERT_TRUE(host.boot_images);
  EXPECT_EQ(host.boot_images->tool, BootTool::InitramfsTools);
  EXPECT_EQ(has_boot_hooks(*host.boot_images), Answer::No);
  EXPECT_THAT(host.boot_images->images,
              ElementsAre(BootImage{"6.1.0-17-amd64", "/boot/initrd.img-6.1.0-17-amd64"},
                          BootImage{"6.1.0-18-amd64", "/boot/initrd.img-6.1.0-18-amd64"}));
}

TEST(ProbeBoot, ReadsTheHooksOfTheTool) {
  MemorySystem machine = debian();
  add_boot_hooks(machine);
  const Host host = probed(machine);
  EXPECT_EQ(host.boot_images->hooks, boot_hooks(BootTool::InitramfsTools));
  EXPECT_EQ(has_boot_hooks(*host.boot_images), Answer::Yes);
}

TEST(ProbeBoot, HooksOfAnotherToolDoNotCount) {
  MemorySystem machine = debian();
  add_boot_hooks(machine, BootTool::Dracut);
  EXPECT_EQ(has_boot_hooks(*probed(machine).boot_images), Answer::No);
}

TEST(ProbeBoot, AHookThatCannotBeReadIsUnknown) {
  MemorySystem machine = debian();
  add_boot_hooks(machine).denied("/usr/share/initramfs-tools/hooks/gpupass");
  EXPECT_EQ(has_boot_hooks(*probed(machine).boot_images), Answer::Unknown);
}

TEST(ProbeBoot, FindsDracut) {
  MemorySystem machine;
  add_boot_hooks(machine.file("/usr/lib/dracut/dracut-functions.sh", ""), BootTool::Dracut);
  machine.file("/boot/initramfs-6.6.8-100.fc38.x86_64.img", "").folder("/lib/modules/6.6.8-100.fc38.x86_64");
  machine.file("/boot/initramfs-.img", "").file("/boot/initramfs-0-rescue-1234.img", "");
  const Host host = probed(machine);
  ASSERT_TRUE(host.boot_images);
  EXPECT_EQ(host.boot_images->tool, BootTool::Dracut);
  EXPECT_EQ(has_boot_hooks(*host.boot_images), Answer::Yes);
  EXPECT_THAT(host.boot_images->images,
              ElementsAre(BootImage{"6.6.8-100.fc38.x86_64", "/boot/initramfs-6.6.8-100.fc38.x86_64.img"}));
}

TEST(ProbeBoot, KnowsNothingThatBuildsImagesWhereThereIsNothing) {
  EXPECT_TRUE(probed(MemorySystem()).boot_images.absent());
  EXPECT_TRUE(probed(debian().denied("/boot")).boot_images.unknown());
}

TEST(ProbeBoot, ReadsWhatIsBound) {
  EXPECT_THAT(*probed(MemorySystem()).boot_bindings, IsEmpty());
  MemorySystem machine;
  machine.file(kFile, "format 1\n0000:65:00.0 10de:20b0 10de:145f\n");
  EXPECT_THAT(*probed(machine).boot_bindings,
              ElementsAre(BootBinding{address("0000:65:00.0"), {0x10de, 0x20b0, 0x10de, 0x145f, ""}}));
}

TEST(ProbeBoot, ADamagedFileIsUnknownAndTold) {
  for (const char* content : {"", "format 2\n", "format 1\n0000:65:00.0 10de\n"}) {
    const Host host = probed(MemorySystem().file(kFile, content));
    EXPECT_TRUE(host.boot_bindings.unknown());
    ASSERT_FALSE(host.limits.empty());
    EXPECT_THAT(testing::PrintToString(host.boot_bindings.why()), HasSubstr("boot-bindings"));
  }
}

TEST(CaptureBoot, ReplacesSerialNumbers) {
  auto machine = debian();
  machine.file(kFile, "format 1\n0000:65:00.0 10de:20b0 10de:145f 00112233aabbccdd\n");
  const Capture captured = capture(machine);
  EXPECT_THAT(captured.text, Not(HasSubstr("00112233aabbccdd")));
  EXPECT_THAT(captured.text, HasSubstr("10de:20b0 10de:145f 0000000000000001"));
  const Host host = scrub(probed(machine), captured.pseudonyms);
  EXPECT_EQ(host.boot_bindings->front().identity.serial, "0000000000000001");
}

}  // namespace
}  // namespace gpupass::boot_test
