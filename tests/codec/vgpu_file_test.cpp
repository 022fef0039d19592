// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/vgpu.hpp"
#include "support/error_of.hpp"

namespace gpupass::vgpu_file_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

/// What parse_vgpu_file() says of a file that it refuses.
std::string refusal(const std::string& yaml) {
  const Error error = error_of([&] { parse_vgpu_file(yaml, "config.yaml"); });
  EXPECT_EQ(error.code(), ErrorCode::Malformed);
  return error.what();
}

/// The same of one entry, which is in line 4.
std::string entry_refusal(const std::string& entry) {
  return refusal("version: v1\nvgpu-configs:\n  a:\n    - {" + entry + "}\n");
}

TEST(VgpuFile, SaysWhatVgpuDeviceManagerReads) {
  const VgpuLabels labels = parse_vgpu_file(R"(version: v1
vgpu-configs:
  T4-small:
    - devices: [0]
      vgpu-devices:
        "T4-1Q": 16
    - devices: [1, 2]
      vgpu-devices: {T4-2Q: 8, "T4-4Q": 0}
  A100-4C:
    - device-filter: ["0x20B010DE", "0x20b210de:0x146310DE"]
      devices: all
      vgpu-devices:
        "A100-4C": 10
        "GRID A100-5C": 2
  none:
    - devices: all
      vgpu-devices: {}
)",
                                            "config.yaml");
  ASSERT_EQ(labels.size(), 3u);
  ASSERT_EQ(labels.at("T4-small").size(), 2u);
  const VgpuEntry& second = labels.at("T4-small")[1];
  EXPECT_EQ(second.devices, (std::vector<unsigned>{1, 2}));
  EXPECT_THAT(second.types, ElementsAre(Pair("T4-2Q", 8)));
  EXPECT_EQ(second.where, "config.yaml:7");
  const VgpuEntry& filtered = labels.at("A100-4C").at(0);
  EXPECT_THAT(filtered.filters,
              ElementsAre(MigDeviceFilter{0x10de, 0x20b0}, MigDeviceFilter{0x10de, 0x20b2, 0x10de, 0x1463}));
  EXPECT_EQ(filtered.devices, std::nullopt);
  EXPECT_THAT(filtered.types, ElementsAre(Pair("A100-4C", 10), Pair("GRID A100-5C", 2)));
  EXPECT_TRUE(labels.at("none").at(0).types.empty());
  EXPECT_TRUE(parse_vgpu_file("version: v1\n", "config.yaml").empty());
}

TEST(VgpuFile, EveryMistakeHasItsLine) {
  EXPECT_EQ(refusal("version: v1\nmig-configs: {}\n"),
            "cannot read config.yaml:2:1: saw the unknown key \"mig-configs\", expected one of vgpu-configs, "
            "version");
  EXPECT_THAT(refusal("version: v2\n"), HasSubstr("config.yaml:1:10: saw \"v2\", expected v1"));
  EXPECT_THAT(entry_refusal("devices: all"), HasSubstr("config.yaml:4:7: saw no vgpu-devices, expected one"));
  EXPECT_THAT(entry_refusal("vgpu-devices: {}"), HasSubstr("saw no devices"));
  EXPECT_THAT(entry_refusal("devices: all, vgpu-devices: [T4-1Q]"), HasSubstr("saw a list, expected types"));
  EXPECT_THAT(entry_refusal("devices: all, vgpu-devices: {T4-1Q: all}"), HasSubstr("saw \"all\""));
  EXPECT_THAT(entry_refusal("devices: all, vgpu-devices: {T4-1Q: 1025}"), HasSubstr("saw \"1025\""));
  EXPECT_THAT(entry_refusal("devices: all, vgpu-devices: {T4-1Q: 0}"), HasSubstr("saw 0 of each type"));
  EXPECT_THAT(entry_refusal("devices: all, vgpu-devices: {T4-1Q: 1, T4-1Q: 1}"), HasSubstr("again"));
  EXPECT_THAT(entry_refusal("devices: all, vgpu-devices: {\"\\e[m\": 1}"),
              HasSubstr("expected the name of a type"));
}

}  // namespace
}  // namespace gpupass::vgpu_file_test
