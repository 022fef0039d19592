// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "gpupass/capture.hpp"
#include "gpupass/probe.hpp"
#include "probe/use/processes.hpp"
#include "support/host_builder.hpp"
#include "support/memory_system.hpp"

namespace gpupass {

std::ostream& operator<<(std::ostream& out, const DeviceUser& user) {
  return out << user.device.to_string() << ' ' << user.node << ' ' << user.pid << ' ' << user.command;
}

namespace device_users_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string kCard = "/sys/bus/pci/devices/0000:02:00.0";

MemorySystem machine() {
  auto system = machine_with_gpu();
  system.symlink(kCard + "/driver", "../../../bus/pci/drivers/nvidia")
      .file(kCard + "/drm/card1/dev", "226:1")
      .file(kCard + "/drm/renderD129/dev", "226:129")
      .symlink("/sys/bus/pci/devices/0000:02:00.1/driver", "../../../bus/pci/drivers/snd_hda_intel")
      .file("/sys/bus/pci/devices/0000:02:00.1/sound/card2/id", "HDMI")
      .file("/proc/driver/nvidia/gpus/0000:02:00.0/information", "Model: \t H100\nDevice Minor: \t 3\n")
      .symlink("/proc/10/fd/3", "/dev/dri/renderD129")
      .file("/proc/10/maps", "")
      .file("/proc/10/comm", "render\n")
      .symlink("/proc/11/fd/3", "/dev/snd/pcmC2D3p")
      .file("/proc/11/maps", "")
      .file("/proc/11/comm", "pipewire\n")
      .symlink("/proc/12/fd/3", "/home/somebody")
      .file("/proc/12/maps",
            "7f00-7f01 r--p 00000000 08:01 42 /usr/lib/secret.so\n7f01-7f02 rw-s 00000000 00:06 43         "
            "/dev/nvidia3\n")
      .file("/proc/12/comm", "train\n")
      .symlink("/proc/13/fd/3", "/dev/nvidia4")
      .symlink("/proc/13/fd/4", "/dev/snd/controlC1")
      .file("/proc/13/maps", "")
      .file("/proc/13/comm", "another\n");
  return system;
}

Host probed(const System& system) {
  Parts parts;
  parts.users = true;
  return probe(system, {parts, {}});
}

const DeviceUser kRender{address("02:00.0"), "/dev/dri/renderD129", 10, "render"};
const DeviceUser kTrain{address("02:00.0"), "/dev/nvidia3", 12, "train"};
const DeviceUser kSound{address("02:00.1"), "/dev/snd/pcmC2D3p", 11, "pipewire"};

TEST(DeviceUsers, HaveItOpenOrMapped) {
  EXPECT_THAT(*probed(machine()).users, ElementsAre(kRender, kTrain, kSound));
}

TEST(DeviceUsers, AreUnknownWhenAProcessHidesItsMappings) {
  auto system = machine();
  system.denied("/proc/13/maps");
  EXPECT_THAT(probed(system).users.why(), HasSubstr("open files of 1 process are hidden"));
}

TEST(DeviceUsers, AreInACaptureAndNothingElseOfTheirProcesses) {
  const Capture captured = capture(machine());
  EXPECT_THAT(captured.text, Not(HasSubstr("somebody")));
  EXPECT_THAT(captured.text, Not(HasSubstr("secret")));
  EXPECT_THAT(*probed(*open_capture(captured.text, "machine.host")).users,
              ElementsAre(kRender, kTrain, kSound));
}

/// A file of process 10, whose path says nothing, and the device that its number leads to.
MemorySystem with_number(const std::string& path, const std::string& number, const std::string& device) {
  auto system = machine();
  system.symlink("/proc/10/fd/3", path).file("/proc/10/fd.devices/3", number);
  if (!device.empty())
    system.symlink("/sys/dev/char/" + number, "../../devices/pci0000:00/0000:00:01.0/0000:02:00.0/" + device);
  return system;
}

TEST(DeviceUsers, AreFoundByTheNumberOfTheDevice) {
  const struct {
    const char *path, *number, *device, *name;
  } kOpen[] = {{"/dev/i2c-7", "89:7", "i2c-7/i2c-dev/i2c-7", "/dev/i2c-7"},
               {"/dev/dri/renderD129 (deleted)", "226:129", "drm/renderD129", "/dev/dri/renderD129"},
               {"/srv/jail/dev/dri/card1", "226:1", "drm/card1", "/dev/dri/card1"},
               {"/tmp/x", "261:0", "accel/accel0", "/dev/accel/accel0"},
               {"/dev/nvidia0", "195:3", "", "/dev/nvidia3"}};
  for (const auto& open : kOpen) {
    const auto system = with_number(open.path, open.number, open.device);
    const DeviceUser user{address("02:00.0"), open.name, 10, "render"};
    EXPECT_THAT(*probed(system).users, ElementsAre(user, kTrain, kSound)) << open.path;
    const Capture captured = capture(system);
    EXPECT_THAT(captured.text, Not(HasSubstr("jail")));
    EXPECT_THAT(*probed(*open_capture(captured.text, "machine.host")).users,
                ElementsAre(user, kTrain, kSound))
        << open.path;
  }
}

TEST(DeviceUsers, AreNoneOfWhatCanBePulledOut) {
  EXPECT_THAT(*probed(with_number("/dev/input/event5", "13:69", "sound/card2/input20/event5")).users,
              ElementsAre(kTrain, kSound));
}

TEST(DeviceUsers, OfAPathThatIsAnotherDeviceInAContainerAreNone) {
  auto system = machine();
  system.file("/proc/10/fd.devices/3", "226:200")
      .symlink("/sys/dev/char/226:200", "../../devices/pci0000:00/0000:00:09.0/drm/renderD200");
  EXPECT_THAT(*probed(system).users, ElementsAre(kTrain, kSound));
}

MemorySystem machine_of_amd() {
  auto system = machine();
  const std::string node = "/sys/class/kfd/kfd/topology/nodes/1";
  system.symlink(kCard + "/driver", "../../../bus/pci/drivers/amdgpu")
      .symlink("/proc/10/fd/3", "/dev/kfd")
      .file(node + "/gpu_id", "4711")
      .file(node + "/properties", "simd_count 416\nlocation_id 512\ndomain 0\n");
  return system;
}

TEST(DeviceUsers, OfKfdAreThoseOfTheGpusThatTheProcessUses) {
  const DeviceUser user{address("02:00.0"), "/dev/kfd", 10, "render"};
  EXPECT_THAT(*probed(machine_of_amd()).users, Contains(user)) << "an older kernel does not tell";
  EXPECT_THAT(*probed(machine_of_amd().file("/sys/class/kfd/kfd/proc/10/vram_4711", "0")).users,
              Contains(user));
  EXPECT_THAT(*probed(machine_of_amd().file("/sys/class/kfd/kfd/proc/10/vram_42", "0")).users, Contains(user))
      << "a GPU that is not known";
  EXPECT_THAT(*probed(machine_of_amd().file("/sys/class/kfd/kfd/proc/10/pasid", "1")).users,
              Not(Contains(user)));
}

TEST(DeviceUsers, OfKfdHaveTheNodesOfTheirGpusOpen) {
  const auto system =
      machine_of_amd()
          .symlink("/proc/10/fd/4", "/dev/dri/renderD129")
          .symlink("/sys/bus/pci/devices/0000:02:00.1/driver", "../../../bus/pci/drivers/amdgpu");
  const DeviceUser user{address("02:00.0"), "/dev/kfd", 10, "render"};
  const DeviceUser other{address("02:00.1"), "/dev/kfd", 10, "render"};
  EXPECT_THAT(*probed(system).users, AllOf(Contains(user), Not(Contains(other))));
}

TEST(DeviceUsers, HaveADiskOpen) {
  auto system = machine();
  system.symlink("/proc/10/fd/3", "/dev/disk/by-id/secret").file("/proc/10/fd.devices/3", "block 259:1");
  system.symlink("/sys/dev/block/259:1",
                 "../../devices/pci0000:00/0000:00:01.0/0000:02:00.0/nvme/nvme0/nvme0n1/nvme0n1p1");
  const DeviceUser user{address("02:00.0"), "/dev/nvme0n1p1", 10, "render"};
  EXPECT_THAT(*probed(system).users, Contains(user));
  const Capture captured = capture(system);
  EXPECT_THAT(captured.text, Not(HasSubstr("by-id")));
  EXPECT_THAT(*probed(*open_capture(captured.text, "machine.host")).users, Contains(user));
}

TEST(DeviceUsers, OfANodeInAJailAreFoundWithoutItsNumber) {
  auto system = machine();
  system.symlink("/proc/10/fd/3", "/srv/jail/dev/dri/renderD129");
  EXPECT_THAT(*probed(system).users, ElementsAre(kRender, kTrain, kSound));
}

TEST(DeviceNode, IsAPathOfADriver) {
  EXPECT_EQ(device_node("/dev/dri/card0"), "/dev/dri/card0");
  EXPECT_EQ(device_node("7f01-7f02 rw-s 00000000 00:06 43   /dev/nvidiactl"), "/dev/nvidiactl");
  EXPECT_EQ(device_node("/home/me/dev/dri/card0"), "");
  EXPECT_EQ(device_node("/dev/null"), "");
}

}  // namespace
}  // namespace device_users_test
}  // namespace gpupass
