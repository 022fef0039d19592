// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/config_space.hpp"

#include <gtest/gtest.h>

#include "probe/pci/config.hpp"

namespace gpupass::config_space_test {
namespace {

/// A function with PCI Express at 0x40 behind another capability, and ACS at 0x140 behind another one.
std::string space() {
  std::string bytes(4096, '\0');
  const auto put = [&bytes](std::size_t at, std::string_view text) { bytes.replace(at, text.size(), text); };
  put(0x00, {"\x86\x80\x30\x20\x07\x00\x10\x00", 8});
  put(0x34, "\x80");
  put(0x80, "\x05\x40");
  put(0x40, {"\x10\x00\x42\x00", 4});
  put(0x100, {"\x01\x00\x01\x14", 4});
  put(0x140, {"\x0d\x00\x01\x00\x1d\x00\x1d\x00", 8});
  return bytes;
}

/// A device of which `readable` bytes can be read, and that counts how many were.
struct Device {
  std::string bytes = space();
  std::size_t readable = 4096;
  std::size_t read = 0;

  std::string fetch(std::size_t offset, std::size_t count) {
    const std::string some =
        offset < readable ? bytes.substr(offset, std::min(count, readable - offset)) : "";
    read += some.size();
    return some;
  }
  Fact<PciConfig> config() {
    const std::string header = fetch(0, ConfigSpace::kHeader);
    return parse_config(
        ConfigSpace(header, [this](std::size_t offset, std::size_t count) { return fetch(offset, count); }));
  }
};

TEST(ConfigSpaceOfADevice, IsReadAlongTheListsOfCapabilitiesAlone) {
  Device device;
  const auto config = device.config();
  ASSERT_TRUE(config);
  EXPECT_EQ(config, parse_config(ConfigSpace(space())));
  EXPECT_EQ(config->acs, (Fact<Acs>(Acs{0x1d, 0x1d})));
  EXPECT_LE(device.read, 128U);
}

TEST(ConfigSpaceOfADevice, EndsWhereTheKernelEndsIt) {
  for (const std::size_t readable : {64U, 128U, 256U}) {
    Device device;
    device.readable = readable;
    EXPECT_EQ(device.config(), parse_config(ConfigSpace(space().substr(0, readable)))) << readable;
  }
}

TEST(ConfigSpaceOfADevice, MayNotAnswer) {
  Device device;
  device.bytes.assign(4096, '\xff');
  EXPECT_EQ(device.config().why(), "saw nothing but ones: the function does not answer");
  EXPECT_EQ(device.read, ConfigSpace::kHeader);
}

}  // namespace
}  // namespace gpupass::config_space_test
