// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/device.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace gpupass::device_test {
namespace {

using testing::ElementsAre;

constexpr const char* kUuid = "c73f1fa6-489e-4834-9476-d70dabd98c40";

TEST(DeviceId, OfAPciFunctionIsItsAddress) {
  const PciAddress address{0x10000, 0x65, 0x1f, 7};
  const DeviceId device = address;
  EXPECT_EQ(device.to_string(), address.to_string());
  EXPECT_EQ(DeviceId::parse("10000:65:1f.7"), device);
  EXPECT_EQ(device.function(), address);
  EXPECT_FALSE(device.is_mediated());
  EXPECT_EQ(DeviceId::parse("65:00.0"), DeviceId(PciAddress{0, 0x65, 0, 0})) << "as PciAddress reads it";
}

TEST(DeviceId, OfAMediatedDeviceIsItsUuid) {
  const auto device = DeviceId::parse(kUuid);
  ASSERT_TRUE(device);
  EXPECT_EQ(device->to_string(), kUuid);
  EXPECT_EQ(device->function(), std::nullopt);
  EXPECT_TRUE(device->is_mediated());
  EXPECT_EQ(DeviceId::parse("C73F1FA6-489E-4834-9476-D70DABD98C40"), device);
  EXPECT_NE(DeviceId::parse("00000000-0000-0000-0000-000000000000"), DeviceId());
}

TEST(DeviceId, IsNothingElse) {
  for (const char* text :
       {"", "65:00", "c73f1fa6", "c73f1fa6489e48349476d70dabd98c40", "c73f1fa6-489e-4834-9476-d70dabd98c4",
        "c73f1fa6-489e-4834-9476-d70dabd98c400", "c73f1fa6-489e-4834-9476-d70dabd98c4g",
        "c73f1fa6_489e-4834-9476-d70dabd98c40", "c73f1fa-6489e-4834-9476-d70dabd98c40",
        "c73f1fa6-489e-4834-9476--70dabd98c40", "c73f1fa6-489e-4834-9476-d70dabd98c4\n",
        "GPU-c73f1fa6-489e-4834-9476-d70dabd98c40", "../../etc/passwd"})
    EXPECT_EQ(DeviceId::parse(text), std::nullopt) << text;
}

TEST(DeviceId, PciFunctionsComeFirst) {
  const DeviceId first = *DeviceId::parse("00000000-0000-0000-0000-000000000001");
  const DeviceId second = *DeviceId::parse(kUuid);
  const DeviceId gpu = PciAddress{0, 0x65, 0, 0}, audio = PciAddress{0, 0x65, 0, 1};
  EXPECT_THAT((std::set{second, audio, first, gpu}), ElementsAre(gpu, audio, first, second));
}

}  // namespace
}  // namespace gpupass::device_test
