// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "codec/yaml.hpp"
#include "gpupass/error.hpp"
#include "gpupass/mig.hpp"

namespace gpupass::mig_file_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr auto kWhole = R"(# A node with two models.
version: v1
mig-configs:
  all-disabled:
    - devices: all
      mig-enabled: false
  ready:
    - devices: all
      mig-enabled: true
      mig-devices: {}
  mixed:
    - device-filter: ["0x233510DE", "0x233b10de:0x18be10DE"]
      devices: [0, 3]
      mig-enabled: true
      mig-devices: {"1g.18gb": 2, 2g.35gb: 1, "3g.71gb": 0}
    - device-filter: "0x20B710DE"
      devices: all
      mig-enabled: yes
      mig-devices:
        "1g.6gb+me": 1
)";

/// What parse_mig_file() says of a file that it refuses.
std::string refusal(std::string_view yaml) {
  try {
    parse_mig_file(yaml, "config.yaml");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Malformed);
    return error.what();
  }
  ADD_FAILURE() << "it was read: " << yaml;
  return {};
}

/// The same of one entry, which is in line 4.
std::string entry_refusal(const std::string& entry) {
  return refusal("version: v1\nmig-configs:\n  a:\n    - {" + entry + "}\n");
}

TEST(MigFile, SaysWhatMigPartedReads) {
  const MigLabels labels = parse_mig_file(kWhole, "config.yaml");
  ASSERT_EQ(labels.size(), 3u);
  const MigEntry& off = labels.at("all-disabled").at(0);
  EXPECT_FALSE(off.enabled);
  EXPECT_EQ(off.devices, std::nullopt);
  EXPECT_TRUE(labels.at("ready").at(0).enabled);
  EXPECT_TRUE(labels.at("ready").at(0).profiles.empty());
  ASSERT_EQ(labels.at("mixed").size(), 2u);
  const MigEntry& first = labels.at("mixed")[0];
  EXPECT_THAT(first.filters,
              ElementsAre(MigDeviceFilter{0x10de, 0x2335}, MigDeviceFilter{0x10de, 0x233b, 0x10de, 0x18be}));
  EXPECT_EQ(first.devices, (std::vector<unsigned>{0, 3}));
  EXPECT_THAT(first.profiles, ElementsAre(Pair("1g.18gb", 2), Pair("2g.35gb", 1)));
  EXPECT_EQ(first.where, "config.yaml:12");
  const MigEntry& second = labels.at("mixed")[1];
  EXPECT_TRUE(second.enabled);
  EXPECT_THAT(second.filters, ElementsAre(MigDeviceFilter{0x10de, 0x20b7}));
  EXPECT_THAT(second.profiles, ElementsAre(Pair("1g.6gb+me", 1)));
}

TEST(MigFile, IsWrittenAsItIsRead) {
  const std::string text = to_mig_file(parse_mig_file(kWhole, "config.yaml"));
  EXPECT_EQ(text, R"(version: v1
mig-configs:
  all-disabled:
    - devices: all
      mig-enabled: false
  mixed:
    - device-filter: ["0x233510DE", "0x233B10DE:0x18BE10DE"]
      devices: [0, 3]
      mig-enabled: true
      mig-devices:
        "1g.18gb": 2
        "2g.35gb": 1
    - device-filter: ["0x20B710DE"]
      devices: all
      mig-enabled: true
      mig-devices:
        "1g.6gb+me": 1
  ready:
    - devices: all
      mig-enabled: true
      mig-devices: {}
)");
  EXPECT_EQ(to_mig_file(parse_mig_file(text, "again")), text);
}

/// A label may be a word that YAML takes for something else.
TEST(MigFile, LabelsStayTexts) {
  for (const char* label :
       {"yes", "null", "12", "0x10", "1e3", "~", "-", "#a", "a:b", "a\"b\\", "<<", "'", "&a", "*a"}) {
    MigLabels labels;
    labels[label].push_back({});
    const MigLabels read = parse_mig_file(to_mig_file(labels), "written");
    ASSERT_EQ(read.size(), 1u);
    EXPECT_EQ(read.begin()->first, label);
  }
}

TEST(MigFile, WithoutLabelsItIsOneToo) {
  EXPECT_TRUE(parse_mig_file("version: v1\n", "config.yaml").empty());
  EXPECT_EQ(to_mig_file({}), "version: v1\n");
  EXPECT_TRUE(parse_mig_file("{\"version\": \"v1\"}", "config.json").empty());
}

TEST(MigFile, EveryMistakeHasItsLine) {
  EXPECT_EQ(refusal("version: v1\nmig-config: {}\n"),
            "cannot read config.yaml:2:1: saw the unknown key \"mig-config\", expected mig-configs");
  EXPECT_THAT(refusal("mig-configs: {}\n"), HasSubstr("config.yaml:1:1: saw no version, expected one"));
  EXPECT_THAT(refusal("version: v2\n"), HasSubstr("config.yaml:1:10: saw \"v2\", expected v1"));
  EXPECT_THAT(refusal(""), HasSubstr("saw nothing, expected a map with mig-configs, version"));
  EXPECT_THAT(refusal("version: v1\nversion: v1\n"), HasSubstr(":2:1: saw \"version\" again"));
  EXPECT_THAT(refusal("version: v1\nmig-configs: {}\n"), HasSubstr(":2:14: saw no label"));
  EXPECT_THAT(refusal("version: v1\nmig-configs:\n  a: []\n"), HasSubstr(":3:6: saw an empty list"));
  EXPECT_THAT(refusal("version: v1\nmig-configs:\n  a b: []\n"),
              HasSubstr(":3:3: saw \"a b\", expected a label"));
  EXPECT_THAT(refusal("version: v1\n---\nversion: v1\n"), HasSubstr("saw a second document"));
  EXPECT_THAT(refusal("version: v1\n  mig-configs: ]\n"), HasSubstr("config.yaml:2:"));
}

TEST(MigFile, EveryMistakeInAnEntryHasItsLine) {
  EXPECT_THAT(entry_refusal("mig-enabled: false"), HasSubstr("config.yaml:4:7: saw no devices"));
  EXPECT_THAT(entry_refusal("devices: all"), HasSubstr("saw no mig-enabled"));
  EXPECT_THAT(entry_refusal("devices: all, mig-enabled: false, gpus: 1"),
              HasSubstr("saw the unknown key \"gpus\" of an entry"));
  EXPECT_THAT(entry_refusal("devices: some, mig-enabled: false"), HasSubstr("saw \"some\", expected all"));
  EXPECT_THAT(entry_refusal("devices: [], mig-enabled: false"), HasSubstr("saw an empty list"));
  EXPECT_THAT(entry_refusal("devices: [-1], mig-enabled: false"), HasSubstr("saw \"-1\""));
  EXPECT_THAT(entry_refusal("devices: [\"0\"], mig-enabled: false"), HasSubstr("saw \"0\""));
  EXPECT_THAT(entry_refusal("devices: all, mig-enabled: \"true\""), HasSubstr("expected true or false"));
  EXPECT_THAT(entry_refusal("devices: all, mig-enabled: true"),
              HasSubstr("saw mig-enabled without mig-devices"));
  EXPECT_THAT(entry_refusal("devices: all, mig-enabled: true, mig-devices: "),
              HasSubstr("saw mig-enabled without mig-devices"));
  EXPECT_THAT(entry_refusal("devices: all, mig-enabled: false, mig-devices: {1g.5gb: 1}"),
              HasSubstr("saw mig-devices where mig-enabled is false"));
  const std::string on = "devices: all, mig-enabled: true, mig-devices: ";
  EXPECT_THAT(entry_refusal(on + "{1g.5gb: 0}"), HasSubstr("saw 0 of each profile"));
  EXPECT_THAT(entry_refusal(on + "{1g.5gb: 100}"), HasSubstr("saw \"100\""));
  EXPECT_THAT(entry_refusal(on + "{1g.5gb: -1}"), HasSubstr("saw \"-1\""));
  EXPECT_THAT(entry_refusal(on + "{large: 1}"), HasSubstr("saw \"large\", expected the name of a profile"));
  EXPECT_THAT(entry_refusal(on + "{1g.5gb: 1, 1g.5gb: 2}"), HasSubstr("again"));
  const std::string off = "devices: all, mig-enabled: false, device-filter: ";
  EXPECT_THAT(entry_refusal(off + "[]"), HasSubstr("saw an empty list"));
  EXPECT_THAT(entry_refusal(off + "0x233510DE"), HasSubstr("saw a number, expected it in quotes"));
  EXPECT_THAT(entry_refusal(off + "\"10DE:2335\""), HasSubstr("expected a device and its vendor"));
  EXPECT_THAT(entry_refusal(off + "\"0x2335\""), HasSubstr("expected a device and its vendor"));
  EXPECT_THAT(entry_refusal(off + "\"0x233510DE:\""), HasSubstr("expected a device and its vendor"));
}

TEST(MigFile, AliasesAreWhatTheyStandFor) {
  const MigLabels labels = parse_mig_file(R"(version: v1
mig-configs:
  a: &a
    - {devices: all, mig-enabled: true, mig-devices: &some {1g.5gb: 7}}
  b: *a
  c:
    - {devices: [1], mig-enabled: true, mig-devices: *some}
)",
                                          "config.yaml");
  EXPECT_THAT(labels.at("b").at(0).profiles, ElementsAre(Pair("1g.5gb", 7)));
  EXPECT_THAT(labels.at("c").at(0).profiles, ElementsAre(Pair("1g.5gb", 7)));
}

TEST(Yaml, AliasesOfAliasesHaveALimit) {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 12; ++level) {
    laughs += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [";
    for (int copy = 0; copy < 10; ++copy) laughs += (copy ? ", *a" : "*a") + std::to_string(level - 1);
    laughs += "]\n";
  }
  EXPECT_THAT(refusal(laughs), HasSubstr("saw more than 20000 values"));
  EXPECT_THAT(refusal("a: &a [*a]\n"), HasSubstr("saw an alias of a value that holds it"));
}

TEST(Yaml, DepthSizeAndTagsHaveALimit) {
  EXPECT_THAT(refusal("a: " + std::string(17, '[') + std::string(17, ']')), HasSubstr("more than 16 levels"));
  EXPECT_THAT(refusal(std::string(100000, '[')), HasSubstr("config.yaml:1:"));
  EXPECT_THAT(refusal("a: " + std::string(300000, 'x')), HasSubstr("saw more than 256 KiB"));
  EXPECT_THAT(refusal("version: !!str v1\n"), HasSubstr("saw a tag"));
  EXPECT_THAT(refusal("version: v1\nmig-configs: !x {}\n"), HasSubstr("saw a tag"));
}

TEST(Yaml, KnowsWhereEachValueIs) {
  const YamlNode root = parse_yaml("a:\n  - b\n  - \"c\"\nd: ~\n", "x");
  ASSERT_EQ(root.kind, YamlNode::Kind::Map);
  const YamlNode& list = root.items.at(0);
  ASSERT_EQ(list.items.size(), 2u);
  EXPECT_EQ(list.items[1].line, 3);
  EXPECT_EQ(list.items[1].column, 5);
  EXPECT_TRUE(list.items[0].plain);
  EXPECT_FALSE(list.items[1].plain);
  EXPECT_EQ(root.items.at(1).kind, YamlNode::Kind::Null);
}

/// The file that mig-parted ships, if the environment names one.
TEST(MigFile, ReadsTheShippedFile) {
  const char* path = std::getenv("GPUPASS_MIG_PARTED_CONFIG");
  if (!path) GTEST_SKIP() << "GPUPASS_MIG_PARTED_CONFIG names no file";
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  const MigLabels labels = parse_mig_file(text.str(), path);
  EXPECT_TRUE(labels.contains("all-balanced"));
  const std::string written = to_mig_file(labels);
  EXPECT_EQ(to_mig_file(parse_mig_file(written, "written")), written);
}

}  // namespace
}  // namespace gpupass::mig_file_test
