// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "gpupass/error.hpp"
#include "support/folders.hpp"
#include "system/worker/worker.hpp"

namespace gpupass::persistence_test {
namespace {

using testing::HasSubstr;

/// The real worker, with a stand-in for NVIDIA's library.
class Persistence : public testing::Test {
 protected:
  Persistence() {
    setenv("LD_LIBRARY_PATH", build_path("nvml-double").c_str(), 1);
    setenv("NVML_DOUBLE", file_.c_str(), 1);
    std::ofstream(file_) << '1';
  }
  ~Persistence() override {
    unsetenv("LD_LIBRARY_PATH");
    unsetenv("NVML_DOUBLE");
    std::filesystem::remove(file_);
    std::filesystem::remove(file_ + ".begun");
  }

  Fact<bool> mode(const char* device = "0000:65:00.0") {
    const auto modes = worker_.ask(PersistenceQuestion{{*PciAddress::parse(device)}});
    return modes ? modes->front().on : modes.without_value<bool>();
  }
  void set(bool on) {
    worker_.carry_out(PersistenceOrder{*PciAddress::parse("0000:65:00.0"), on}, "", std::chrono::seconds(60));
  }

  const std::string file_ = testing::TempDir() + "nvml-" + std::to_string(getpid());
  Worker worker_{"", std::chrono::seconds(60)};
};

TEST_F(Persistence, IsReadAndSet) {
  EXPECT_EQ(mode(), true);
  set(false);
  EXPECT_EQ(mode(), false);
  set(true);
  EXPECT_EQ(mode(), true);
}

TEST_F(Persistence, OfAnUnknownGpuIsUnknown) {
  EXPECT_THAT(mode("0000:66:00.0").why(), HasSubstr("Not Found"));
}

TEST_F(Persistence, OfAllGpusIsOneQuestion) {
  const PciAddress known = *PciAddress::parse("0000:65:00.0"), other = *PciAddress::parse("0000:66:00.0");
  const auto modes = worker_.ask(PersistenceQuestion{{known, other, known}});
  ASSERT_TRUE(modes) << modes.why();
  ASSERT_EQ(modes->size(), 3u);
  EXPECT_EQ(modes->at(0), (PersistenceMode{known, true}));
  EXPECT_EQ(modes->at(1).device, other);
  EXPECT_THAT(modes->at(1).on.why(), HasSubstr("Not Found"));
  EXPECT_EQ(modes->at(2), (PersistenceMode{known, true}));
  std::ifstream begun(file_ + ".begun");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(begun), {}), "b")
      << "it begins with every GPU, for seconds";
}

TEST_F(Persistence, IsUnknownWhereTheLibraryRefuses) {
  unsetenv("NVML_DOUBLE");
  EXPECT_THAT(mode().why(), HasSubstr("Insufficient Permissions"));
}

TEST_F(Persistence, IsUnknownWithoutTheLibrary) {
  setenv("LD_LIBRARY_PATH", "/nowhere", 1);
  EXPECT_THAT(mode().why(), HasSubstr("libnvidia-ml.so.1"));
}

TEST(Service, NamesAreNoPatternsNorOptions) {
  Worker worker("", std::chrono::seconds(60));
  for (const char* unit :
       {"*.service", "-H.service", "../a.service", "dcgm", "a b.service", "dcgm.socket", ".service"})
    EXPECT_THROW(worker.carry_out(ServiceOrder{unit, false}, "", std::chrono::seconds(60)), Error) << unit;
  EXPECT_EQ(worker.ask(ServiceQuestion{"gpupass-has-no-such-unit.service"}), false);
}

}  // namespace
}  // namespace gpupass::persistence_test
