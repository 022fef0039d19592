// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "policy/slice/mig_cards.hpp"
#include "support/error_of.hpp"
#include "support/host_builder.hpp"

namespace gpupass::fit_mig_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const PciAddress kH200 = address("0000:41:00.0");
const PciAddress kA30 = address("0000:42:00.0");
const PciAddress kL40s = address("0000:43:00.0");

/// An H200, an A30, and two GPUs without MIG, one of them of another vendor.
Host three_models() {
  return HostBuilder()
      .vga("0000:02:00.0", "ast")
      .ids(0x1a03, 0x2000)
      .gpu("0000:41:00.0")
      .ids(0x10de, 0x2335)
      .with([](PciFunction& gpu) {
        gpu.subsystem_vendor = std::uint16_t{0x10de};
        gpu.subsystem_device = std::uint16_t{0x18be};
      })
      .gpu("0000:42:00.0")
      .ids(0x10de, 0x20b7)
      .gpu("0000:43:00.0")
      .ids(0x10de, 0x26b9)
      .build();
}

MigFit fitted(std::vector<std::string> profiles, std::vector<MigInstance> existing = {}) {
  return fit_mig(three_models(),
                 {{.gpu = kH200, .profiles = std::move(profiles), .existing = std::move(existing)}})
      .at(0);
}

std::string not_fitted(std::vector<std::string> profiles, std::vector<MigInstance> existing = {}) {
  const Error error = error_of([&] { fitted(profiles, existing); });
  EXPECT_EQ(error.code(), ErrorCode::Refused);
  EXPECT_THAT(error.reasons(), ElementsAre(testing::Field(&Finding::id, "slice.mig")));
  return std::string(error.what()) + " | " + error.hint();
}

std::vector<std::string> texts(const std::vector<MigInstance>& instances) {
  std::vector<std::string> texts;
  for (const MigInstance& one : instances)
    texts.push_back(one.profile + "@" + std::to_string(one.start) + ":" + std::to_string(one.size));
  return texts;
}

SliceCapacity room_for(const MigFit& fit, const std::string& profile) {
  return std::ranges::find(fit.room, profile, &MigRoom::profile)->more;
}

TEST(FitMig, PlacesTheLargeSoThatTheSmallHaveRoom) {
  const MigFit fit = fitted({"1g.18gb", "2g.35gb", "3g.71gb"});
  EXPECT_EQ(fit.card, "H200");
  EXPECT_THAT(texts(fit.created), ElementsAre("2g.35gb@0:2", "1g.18gb@2:1", "3g.71gb@4:4"));
  EXPECT_EQ(fit.created.at(2).profile_id, 9u);
  EXPECT_EQ(room_for(fit, "1g.18gb"), (SliceCapacity{1, 1}));
  EXPECT_EQ(room_for(fit, "2g.35gb"), (SliceCapacity{0, 0}));
}

TEST(FitMig, KeepsWhatThereIsInItsPlace) {
  const MigFit fit = fitted({"3g.71gb", "1g.18gb", "1g.18gb"},
                            {{.profile = "3g.71gb", .start = 0}, {.profile = "2g.35gb", .start = 4}});
  EXPECT_THAT(texts(fit.kept), ElementsAre("3g.71gb@0:4"));
  EXPECT_THAT(texts(fit.removed), ElementsAre("2g.35gb@4:2"));
  EXPECT_EQ(fit.created.size(), 2u);
  // Beside 3g at 0 there is room for three of 1g, and for four where 3g could go elsewhere.
  EXPECT_EQ(room_for(fit, "1g.18gb"), (SliceCapacity{1, 2}));
}

TEST(FitMig, MovesWhatIsInTheWay) {
  const MigFit fit = fitted({"4g.71gb", "3g.71gb"}, {{.profile = "3g.71gb", .start = 0}});
  EXPECT_THAT(fit.kept, IsEmpty());
  EXPECT_THAT(texts(fit.removed), ElementsAre("3g.71gb@0:4"));
  EXPECT_THAT(texts(fit.created), ElementsAre("4g.71gb@0:4", "3g.71gb@4:4"));
}

TEST(FitMig, AnEmptyCardHasRoomForEachProfileAlone) {
  const MigFit fit = fitted({});
  EXPECT_THAT(fit.created, IsEmpty());
  EXPECT_EQ(room_for(fit, "7g.141gb"), (SliceCapacity{1, 1}));
  EXPECT_EQ(room_for(fit, "1g.18gb"), (SliceCapacity{7, 7}));
  EXPECT_EQ(room_for(fit, "1g.18gb+me"), (SliceCapacity{1, 1}));
}

TEST(FitMig, NamesWhatIsTooMuch) {
  EXPECT_EQ(not_fitted({"4g.71gb", "3g.71gb", "1g.18gb"}),
            "cannot place MIG instances on 0000:41:00.0: H200 has no place for all of 4g.71gb, 3g.71gb, "
            "1g.18gb | all "
            "the others fit without 4g.71gb, or without 3g.71gb, or without 1g.18gb");
  EXPECT_THAT(not_fitted(std::vector<std::string>(99, "1g.18gb")), HasSubstr("fit without 92 x 1g.18gb"));
  EXPECT_THAT(not_fitted({"1g.18gb+me", "1g.18gb+me"}), HasSubstr("fit without 1g.18gb+me"));
}

TEST(FitMig, NamesAreThoseOfTheCard) {
  EXPECT_THAT(not_fitted({"3g.40gb"}), HasSubstr("H200 has no profile 3g.40gb | H200 has 7g.141gb, 4g.71gb"));
  EXPECT_THAT(not_fitted({"1c.3g.71gb"}), HasSubstr("1c.3g.71gb is a part of a GPU instance"));
  EXPECT_THAT(not_fitted({"1g.18gb"}, {{.profile = "3g.71gb", .start = 2}}),
              HasSubstr("H200 cannot have 3g.71gb at 2 beside the other instances"));
  EXPECT_THAT(
      not_fitted({"1g.18gb"}, {{.profile = "4g.71gb", .start = 0}, {.profile = "1g.18gb", .start = 3}}),
      HasSubstr("H200 cannot have 1g.18gb at 3"));
  EXPECT_THAT(not_fitted({}, {{.profile = "3g.40gb", .start = 0}}),
              HasSubstr("H200 cannot have 3g.40gb at 0"));
}

TEST(FitMig, EachGpuThatDoesNotFitIsAReason) {
  const Error error = error_of([] {
    fit_mig(three_models(), {{.gpu = kH200, .profiles = {"1g.6gb"}},
                             {.gpu = kA30, .profiles = {"1g.6gb"}},
                             {.gpu = kL40s, .profiles = {"1g.6gb"}}});
  });
  ASSERT_EQ(error.reasons().size(), 2u);
  EXPECT_EQ(error.reasons()[0].subject, "0000:41:00.0");
  EXPECT_THAT(error.reasons()[1].message, HasSubstr("no MIG profiles of 10de:26b9 are known"));
}

TEST(FitMig, TheGpusWithMigAreThoseWhoseProfilesAreKnown) {
  EXPECT_THAT(mig_gpus(three_models()), ElementsAre(kH200, kA30));
}

constexpr auto kFile = R"(version: v1
mig-configs:
  two:
    - devices: all
      mig-enabled: true
      mig-devices: {"1g.18gb": 7}
    - device-filter: "0x20B710DE"
      devices: all
      mig-enabled: true
      mig-devices: {"1g.6gb": 2, "2g.12gb": 1}
  off:
    - {devices: all, mig-enabled: false}
    - {devices: [0], mig-enabled: true, mig-devices: {}}
  third:
    - {devices: [2], mig-enabled: true, mig-devices: {"1g.18gb": 1}}
  third-off:
    - {devices: [2], mig-enabled: false}
  subsystem:
    - {device-filter: ["0x233510DE:0x18BF10DE"], devices: all, mig-enabled: false}
    - {device-filter: ["0x233610DE", "0x233510DE:0x18BE10DE"], devices: [0, 1], mig-enabled: true, mig-devices: {}}
)";

std::vector<MigWish> wishes(const std::string& label, const Host& host = three_models()) {
  return mig_wishes(host, parse_mig_file(kFile, "config.yaml"), label);
}

TEST(MigWishes, TheLastEntryThatMatchesDecides) {
  const std::vector<MigWish> both = wishes("two");
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].gpu, kH200);
  EXPECT_EQ(both[0].profiles, std::vector<std::string>(7, "1g.18gb"));
  EXPECT_EQ(both[0].wanted_by, "two (config.yaml:4)");
  EXPECT_THAT(both[1].profiles, ElementsAre("1g.6gb", "1g.6gb", "2g.12gb"));
  const std::vector<MigWish> off = wishes("off");
  ASSERT_EQ(off.size(), 2u);
  EXPECT_TRUE(off[0].enabled);
  EXPECT_FALSE(off[1].enabled);
}

/// The display of the board's management controller is not counted.
TEST(MigWishes, IndexesCountTheGpusOfNvidia) {
  EXPECT_EQ(wishes("third").at(0).gpu, kL40s);
  EXPECT_THAT(error_of([] { fit_mig(three_models(), wishes("third")); }).what(),
              HasSubstr("third (config.yaml:15): no MIG profiles of 10de:26b9 are known"));
  EXPECT_THAT(wishes("third-off"), IsEmpty()) << "it has no MIG already";
}

TEST(MigWishes, AFilterMayNameASubsystem) {
  const std::vector<MigWish> found = wishes("subsystem");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].wanted_by, "subsystem (config.yaml:20)");
  Host host = three_models();
  host.functions[1].subsystem_device = Unknown{"no answer"};
  EXPECT_THAT(error_of([&] { wishes("subsystem", host); }).what(),
              HasSubstr("the subsystem's id of 0000:41:00.0 is not known: no answer"));
  host = three_models();
  host.functions[1].vendor = Unknown{"no answer"};
  EXPECT_EQ(error_of([&] { wishes("third", host); }).code(), ErrorCode::Refused);
}

TEST(MigWishes, AnUnknownLabelIsToldWithThoseThatThereAre) {
  const Error error = error_of([] { wishes("three"); });
  EXPECT_EQ(error.code(), ErrorCode::NotFound);
  EXPECT_THAT(error.hint(), HasSubstr("off\nsubsystem\nthird"));
}

TEST(MigWishes, ANameIsResolvedByItsCard) {
  EXPECT_THAT(error_of([] {
                Host host = three_models();
                host.functions[1].device = std::uint16_t{0x31c2};
                fit_mig(host, wishes("two", host));
              }).what(),
              HasSubstr("two (config.yaml:4): GB300 has no profile 1g.18gb"));
}

/// Every label of the file that mig-parted ships, on a host with one GPU of every card: it is planned for
/// each card that has its profiles, and refused by name for every other.
TEST(MigWishes, TheShippedFileIsPlannedOrRefusedByName) {
  const char* path = std::getenv("GPUPASS_MIG_PARTED_CONFIG");
  if (!path) GTEST_SKIP() << "GPUPASS_MIG_PARTED_CONFIG names no file";
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  const MigLabels labels = parse_mig_file(text.str(), path);
  std::size_t planned = 0, refused = 0;
  for (const MigCard& card : mig_cards())
    for (const auto& [label, entries] : labels) {
      Host host = HostBuilder().gpu("0000:41:00.0").ids(0x10de, card.devices.front()).build();
      for (const MigWish& wish : mig_wishes(host, labels, label)) {
        const auto has = [&](const std::string& name) {
          return profile_named(card, name) < card.profiles.size();
        };
        if (std::ranges::all_of(wish.profiles, has)) {
          const MigFit fit = fit_mig(host, {wish}).at(0);
          EXPECT_EQ(fit.created.size(), wish.profiles.size()) << label << " on " << card.name;
          ++planned;
          continue;
        }
        const Error error = error_of([&] { fit_mig(host, {wish}); });
        EXPECT_THAT(error.what(), HasSubstr(label));
        EXPECT_THAT(error.what(),
                    HasSubstr(std::string(card.name) + " has no profile " + wish.profiles.front()));
        ++refused;
      }
    }
  std::cout << labels.size() << " labels: " << planned << " planned, " << refused << " refused by name\n";
  EXPECT_GT(planned, 0u);
}

}  // namespace
}  // namespace gpupass::fit_mig_test
