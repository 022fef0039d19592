// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/keyboards.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/host_builder.hpp"
#include "support/memory_system.hpp"

namespace gpupass::keyboards_test {
namespace {

using testing::ElementsAre;

void add_input(MemorySystem& system, const std::string& name, const std::string& folder,
               const std::string& events) {
  system.symlink("/sys/class/input/" + name, "../../devices/" + folder + "/input/" + name);
  system.file("/sys/class/input/" + name + "/capabilities/ev", events);
}

TEST(Keyboards, AreWhatAPersonTypesOn) {
  MemorySystem system;
  add_input(system, "input0", "LNXSYSTM:00/LNXPWRBN:00", "3");
  add_input(system, "input1", "platform/i8042/serio0", "120013");
  add_input(system, "input2", "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/0003:046D:C31C.0001", "120013");
  add_input(system, "input3", "pci0000:00/0000:00:14.0/usb1/1-3/1-3:1.0/0003:046D:C077.0002", "17");
  add_input(system, "input4", "virtual", "120013");
  EXPECT_THAT(*read_keyboards(system),
              ElementsAre(Keyboard{"input1", Absent{}}, Keyboard{"input2", address("0000:00:14.0")}));
}

TEST(Keyboards, OfBluetoothHangFromTheAdapter) {
  MemorySystem system;
  add_input(system, "input0", "virtual/misc/uhid/0005:046D:B342.0003", "120013");
  add_input(system, "input1", "virtual/misc/uhid/0003:046D:C31C.0004", "120013");
  const auto only = [&] {
    const auto keyboards = *read_keyboards(system);
    EXPECT_EQ(keyboards.size(), 1U);
    return keyboards.front().address;
  };
  EXPECT_TRUE(only().unknown());
  system.symlink("/sys/class/bluetooth/hci0",
                 "../../devices/pci0000:00/0000:00:14.0/usb1/1-14/1-14:1.0/bluetooth/hci0");
  EXPECT_EQ(only(), Fact<PciAddress>(address("0000:00:14.0")));
  system.symlink("/sys/class/bluetooth/hci1",
                 "../../devices/pci0000:00/0000:00:1c.0/0000:03:00.0/bluetooth/hci1");
  EXPECT_TRUE(only().unknown());
}

TEST(Keyboards, AreAbsentWhereTheKernelHasNoInput) {
  EXPECT_TRUE(read_keyboards(MemorySystem()).absent());
}

}  // namespace
}  // namespace gpupass::keyboards_test
