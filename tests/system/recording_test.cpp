// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/capture/recording.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "support/temp_tree.hpp"
#include "system/capture/recorded_system.hpp"
#include "system/capture/recording_system.hpp"
#include "system/tree_system.hpp"

namespace gpupass::recording_test {
namespace {

using ::testing::ElementsAre;
using Kind = Entry::Kind;

TEST(Recording, AnswersWhatItHolds) {
  Recording recording;
  recording.set("/sys/a/class", {Kind::File, "0x030000"});
  recording.set("/sys/a/driver", {Kind::Link, "../nvidia"});
  recording.set("/sys/a/rom", {Kind::Denied, "Permission denied"});
  recording.set("/sys/a/boot_vga", {Kind::Absent, ""});
  EXPECT_EQ(recording.read("/sys/a/class"), Fact(std::string("0x030000")));
  EXPECT_EQ(recording.link("/sys/a/driver"), Fact(std::string("../nvidia")));
  EXPECT_EQ(recording.read("/sys/a/rom").why(), "/sys/a/rom: Permission denied");
  EXPECT_EQ(recording.link("/sys/a/class").why(), "/sys/a/class: not a symbolic link");
  EXPECT_TRUE(recording.read("/sys/a/boot_vga").absent());
  EXPECT_TRUE(recording.link("/sys/a/boot_vga").absent());
}

TEST(Recording, WhatNobodyAskedForIsUnknown) {
  Recording recording;
  recording.set("/sys/a/class", {Kind::File, "0x030000"});
  recording.set("/sys/a/device", {Kind::Seen, ""});
  EXPECT_EQ(recording.read("/sys/a/vendor").why(), "/sys/a/vendor: not in the capture");
  EXPECT_EQ(recording.read("/sys/a/device").why(), "/sys/a/device: not in the capture");
  EXPECT_EQ(recording.list("/sys/a").why(), "/sys/a: not in the capture");
  EXPECT_EQ(recording.list("/proc").why(), "/proc: not in the capture");
}

TEST(Recording, AListedFolderHoldsNothingElse) {
  Recording recording;
  recording.directories["/sys/a"].listed = true;
  recording.set("/sys/a/class", {Kind::File, "0x030000"});
  recording.set("/sys/a/device", {Kind::Seen, ""});
  recording.set("/sys/a/gone", {Kind::Absent, ""});
  EXPECT_THAT(*recording.list("/sys/a"), ElementsAre("class", "device"));
  EXPECT_TRUE(recording.read("/sys/a/vendor").absent());
  EXPECT_TRUE(recording.list("/sys/a/virtfn0/x/y").absent());
  EXPECT_TRUE(recording.read("/sys/a/class/below").absent());
  EXPECT_TRUE(recording.list("/sys/a/class").absent());
  EXPECT_TRUE(recording.list("/sys/a/device/x").unknown());
}

TEST(Recording, NothingIsBelowWhatIsAbsent) {
  Recording recording;
  recording.set("/sys/kernel/iommu_groups", {Kind::Absent, ""});
  EXPECT_TRUE(recording.list("/sys/kernel/iommu_groups").absent());
  EXPECT_TRUE(recording.read("/sys/kernel/iommu_groups/0/type").absent());
  EXPECT_TRUE(recording.read("/sys/kernel/other").unknown());
}

struct RecordingSystemTest : ::testing::Test {
  TempTree tree;
  std::unique_ptr<System> system;

  void SetUp() override {
    tree.file("/sys/a/class", "0x030000\n");
    tree.file("/sys/a/device", "0x2330\n");
    tree.link("/sys/a/driver", "../nvidia");
    tree.fifo("/sys/a/rom");
    SystemOptions options;
    options.root = tree.root();
    system = std::make_unique<TreeSystem>(options);
  }

  /// Asks everything that the tests compare.
  static auto answers(const System& of) {
    return std::tuple(of.read("/sys/a/class"), of.link("/sys/a/driver"), of.read("/sys/a/rom"),
                      of.read_guarded("/sys/a/driver_override"), of.list("/sys/a"), of.list("/sys/b"),
                      of.list("/"), of.link("/sys/a/class"), of.read("/sys/b/class"),
                      of.ask(DomainsQuestion{}));
  }
};

TEST_F(RecordingSystemTest, AReplayAnswersLikeTheMachine) {
  const RecordingSystem recorder(*system);
  const auto recorded = answers(recorder);
  EXPECT_EQ(recorded, answers(*system));
  EXPECT_EQ(recorded, answers(RecordedSystem(recorder.recording())));
}

TEST_F(RecordingSystemTest, WritesDownOnlyWhatWasAskedFor) {
  const RecordingSystem recorder(*system);
  recorder.read("/sys/a/class");
  recorder.link("/sys/a/iommu_group");
  Recording expected;
  expected.set("/sys/a/class", {Kind::File, "0x030000"});
  expected.set("/sys/a/iommu_group", {Kind::Absent, ""});
  EXPECT_EQ(recorder.recording(), expected);
}

TEST_F(RecordingSystemTest, APathAskedForTwiceKeepsTheBetterAnswer) {
  const RecordingSystem recorder(*system);
  recorder.read("/sys/a/class");
  recorder.link("/sys/a/class");
  recorder.list("/sys/a");
  EXPECT_EQ(*recorder.recording().find("/sys/a/class"), (Entry{Kind::File, "0x030000"}));
  EXPECT_EQ(*recorder.recording().find("/sys/a/device"), (Entry{Kind::Seen, ""}));
}

TEST_F(RecordingSystemTest, EveryChangeIsRefused) {
  RecordingSystem recorder(*system);
  RecordedSystem recorded{Recording()};
  for (System* each : {static_cast<System*>(&recorder), static_cast<System*>(&recorded), system.get()}) {
    const auto refused = [](auto change) {
      try {
        change();
      } catch (const Error& error) {
        return error.code() == ErrorCode::Refused &&
               std::string(error.what()).find("captured machine") != std::string::npos;
      }
      return false;
    };
    EXPECT_TRUE(refused([&] { each->write("/sys/a/class", "x"); }));
    EXPECT_TRUE(refused([&] { each->write_guarded("/sys/a/class", "x"); }));
    EXPECT_TRUE(refused([&] { each->save("/run/gpupass/a", "x"); }));
    EXPECT_TRUE(refused([&] { each->remove("/run/gpupass/a"); }));
    EXPECT_TRUE(refused([&] { each->carry_out(LoadModuleOrder{"vfio-pci"}); }));
    EXPECT_TRUE(refused([&] { each->lock("a"); }));
    EXPECT_TRUE(refused([&] { each->hypervisor(); }));
  }
  EXPECT_EQ(tree.content("/sys/a/class"), "0x030000\n");
}

}  // namespace
}  // namespace gpupass::recording_test
