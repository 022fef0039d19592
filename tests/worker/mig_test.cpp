// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "gpupass/error.hpp"
#include "support/error_of.hpp"
#include "support/folders.hpp"
#include "system/worker/worker.hpp"

namespace gpupass::mig_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const PciAddress kGpu = *PciAddress::parse("0000:65:00.0");
constexpr std::chrono::seconds kLong(60);

/// The real worker, with a stand-in for NVIDIA's library, and a card in its file.
class MigWorker : public testing::Test {
 protected:
  MigWorker() {
    setenv("LD_LIBRARY_PATH", build_path("nvml-double").c_str(), 1);
    setenv("NVML_DOUBLE", file_.c_str(), 1);
    is("A100 40GB\n");
  }
  ~MigWorker() override {
    unsetenv("LD_LIBRARY_PATH");
    unsetenv("NVML_DOUBLE");
    for (const char* end : {"", ".mig", ".begun"}) std::filesystem::remove(file_ + end);
  }

  /// What the driver has, in the words of MigStandIn.
  void is(const std::string& text) { std::ofstream(file_ + ".mig") << text; }
  std::string now() {
    std::ostringstream text;
    text << std::ifstream(file_ + ".mig").rdbuf();
    return text.str();
  }
  Fact<Mig> mig(PciAddress device = kGpu) {
    const auto gpus = worker_.ask(MigQuestion{{device}});
    return gpus ? gpus->front().mig : gpus.without_value<Mig>();
  }
  void set_mode(bool on) { worker_.carry_out(MigModeOrder{kGpu, on}, "", kLong); }
  void set(unsigned profile, unsigned start, unsigned size, std::vector<MigSpan> compute, bool present) {
    worker_.carry_out(MigInstanceOrder{kGpu, profile, start, size, std::move(compute), present}, "", kLong);
  }

  const std::string file_ = testing::TempDir() + "mig-" + std::to_string(getpid());
  Worker worker_{"", kLong};
};

TEST_F(MigWorker, TellsTheModeAndNoInstances) {
  EXPECT_EQ(mig(), (Mig{false, false, {}}));
  set_mode(true);
  EXPECT_EQ(mig(), (Mig{true, true, {}}));
  set_mode(false);
  EXPECT_EQ(mig(), (Mig{false, false, {}}));
}

TEST_F(MigWorker, TellsInstancesWithAllOfTheirParts) {
  is("A100 40GB\nenabled\ninstance 3 9 4 4\ncompute 0 0 1\ncompute 1 1 2\ninstance 1 14 0 2\n");
  const Fact<Mig> now = mig();
  ASSERT_TRUE(now) << now.why();
  ASSERT_EQ(now->instances.size(), 2u);
  EXPECT_EQ(now->instances[0], (MigGpuInstance{1u, 14, 0, 2, std::vector<MigComputeInstance>()}));
  const MigGpuInstance& three = now->instances[1];
  EXPECT_EQ(three.id, Fact<unsigned>(3u));
  EXPECT_EQ(three.profile_id, 9u);
  EXPECT_EQ(three.start, 4u);
  EXPECT_EQ(three.size, 4u);
  ASSERT_TRUE(three.compute) << three.compute.why();
  const std::vector<int> nobody;
  EXPECT_THAT(
      *three.compute,
      ElementsAre(
          MigComputeInstance{0, 0, {0, 1}, std::string("MIG-00000000-0000-0000-0000-000003000000"), nobody},
          MigComputeInstance{1, 1, {1, 2}, std::string("MIG-00000000-0000-0000-0000-000003000001"), nobody}));
}

TEST_F(MigWorker, TellsWhoComputes) {
  is("A100 40GB\nenabled\nbusy\ninstance 1 14 0 2\ncompute 0 0 2\n");
  EXPECT_EQ(mig()->instances.at(0).compute->at(0).processes, std::vector<int>{4711});
}

TEST_F(MigWorker, IsAbsentWhereTheCardHasNone) {
  std::filesystem::remove(file_ + ".mig");
  EXPECT_TRUE(mig().absent());
}

TEST_F(MigWorker, IsUnknownOfAnUnknownGpuAndWithoutTheLibrary) {
  EXPECT_THAT(mig(*PciAddress::parse("0000:66:00.0")).why(), HasSubstr("Not Found"));
  setenv("LD_LIBRARY_PATH", "/nowhere", 1);
  Worker without("", kLong);
  EXPECT_THAT(without.ask(MigQuestion{{kGpu}}).why(), HasSubstr("libnvidia-ml.so.1"));
}

TEST_F(MigWorker, MakesAnInstanceAtItsPlaceAndRemovesIt) {
  is("A100 40GB\nenabled\n");
  set(9, 4, 4, {{0, 3}}, true);
  EXPECT_EQ(now(), "A100 40GB\nenabled\ninstance 0 9 4 4\ncompute 0 0 3\n");
  set(9, 4, 4, {{0, 3}}, true);
  EXPECT_EQ(now(), "A100 40GB\nenabled\ninstance 0 9 4 4\ncompute 0 0 3\n");
  set(9, 4, 4, {{0, 3}}, false);
  EXPECT_EQ(now(), "A100 40GB\nenabled\n");
  set(9, 4, 4, {{0, 3}}, false);
  EXPECT_EQ(now(), "A100 40GB\nenabled\n");
}

TEST_F(MigWorker, AddsTheComputeInstancesThatAreMissing) {
  is("A100 40GB\nenabled\ninstance 2 9 0 4\ncompute 0 0 1\n");
  set(9, 0, 4, {{0, 1}, {1, 2}}, true);
  EXPECT_EQ(now(), "A100 40GB\nenabled\ninstance 2 9 0 4\ncompute 0 0 1\ncompute 1 1 2\n");
}

TEST_F(MigWorker, LeavesNothingOfAnInstanceThatCannotBeMadeWhole) {
  is("A100 40GB\nenabled\nfails-after 2\n");
  EXPECT_THAT(error_of([&] { set(9, 4, 4, {{0, 3}}, true); }).what(),
              HasSubstr("cannot create the compute instance: Unknown Error"));
  EXPECT_EQ(now(), "A100 40GB\nenabled\n");
}

TEST_F(MigWorker, SaysWhatTheDriverRefuses) {
  is("A100 40GB\nenabled\ninstance 1 14 4 2\ncompute 0 0 2\n");
  EXPECT_THAT(error_of([&] { set(9, 4, 4, {{0, 3}}, true); }).what(), HasSubstr("Insufficient Resources"));
  is("A100 40GB\nenabled\nbusy\ninstance 1 14 4 2\ncompute 0 0 2\n");
  const Error busy = error_of([&] { set(14, 4, 2, {{0, 2}}, false); });
  EXPECT_THAT(busy.what(), HasSubstr("In use by another client"));
  EXPECT_THAT(busy.hint(), HasSubstr("end what has the GPU open"));
  EXPECT_THAT(mig()->instances, testing::SizeIs(1));
}

/// NVML's call succeeds, and its second result tells that the mode is not active.
TEST_F(MigWorker, AModeThatIsOnlyPendingIsAnError) {
  is("A30\nbusy\n");
  EXPECT_THAT(error_of([&] { set_mode(true); }).what(), HasSubstr("cannot begin MIG mode: In use"));
  EXPECT_EQ(mig(), (Mig{false, true, {}}));
  set_mode(false);
  EXPECT_EQ(mig(), (Mig{false, false, {}}));
  is("A30\nwaits\n");
  EXPECT_THAT(error_of([&] { set_mode(true); }).hint(), HasSubstr("--gpu-reset"));
}

}  // namespace
}  // namespace gpupass::mig_test
