// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/probe.hpp"
#include "support/fake_kernel.hpp"
#include "support/host_builder.hpp"
#include "support/memory_system.hpp"

namespace gpupass::mig_test {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

const PciAddress kGpu = address("0000:02:00.0");

/// A GPU that NVIDIA's driver has; the library answers with `mig`.
class WithNvml : public ReadOnlySystem {
 public:
  explicit WithNvml(Fact<std::vector<MigOfGpu>> answers) : answers_(std::move(answers)) {
    machine_.symlink("/sys/bus/pci/devices/0000:02:00.0/driver", "../../../../bus/pci/drivers/nvidia");
  }
  std::vector<PciAddress> asked() const { return asked_; }

  Fact<std::string> read(std::string_view path) const override { return machine_.read(path); }
  Fact<std::vector<std::string>> list(std::string_view path) const override { return machine_.list(path); }
  Fact<std::string> link(std::string_view path) const override { return machine_.link(path); }
  Fact<std::string> read_guarded(std::string_view path) const override { return machine_.read_guarded(path); }

 private:
  void answer(AnyExchange& exchange) const override {
    ReadOnlySystem::answer(exchange);
    auto* mig = std::get_if<Exchange<MigQuestion>>(&exchange);
    if (!mig) return;
    asked_.insert(asked_.end(), mig->question.devices.begin(), mig->question.devices.end());
    mig->answer = answers_;
  }

  MemorySystem machine_ = machine_with_gpu();
  Fact<std::vector<MigOfGpu>> answers_;
  mutable std::vector<PciAddress> asked_;
};

Host look(const WithNvml& system, Verb verb = Verb::Slices) {
  return probe(system, {needs(verb), {}});
}

Fact<Mig> mig_in(const Host& host) {
  return find_function(host, kGpu)->mig;
}

TEST(ProbeMig, IsWhatTheLibraryTells) {
  const Mig mig{true, true, {{2u, 9, 4, 4, std::vector<MigComputeInstance>()}}};
  const WithNvml system(std::vector<MigOfGpu>{{kGpu, mig}});
  EXPECT_EQ(mig_in(look(system)), mig);
  EXPECT_EQ(system.asked(), std::vector<PciAddress>{kGpu});
}

TEST(ProbeMig, IsAskedForByTheVerbsThatCut) {
  const WithNvml system(std::vector<MigOfGpu>{});
  for (const Verb verb : {Verb::List, Verb::Check, Verb::Bind, Verb::Status, Verb::Give})
    EXPECT_FALSE(mig_in(look(system, verb)).asked());
  EXPECT_EQ(system.asked(), std::vector<PciAddress>());
  look(system, Verb::Slice);
  EXPECT_EQ(system.asked(), std::vector<PciAddress>{kGpu});
}

TEST(ProbeMig, IsUnknownWithTheReasonWhereTheLibraryDoesNotAnswer) {
  const Host host = look(WithNvml(Unknown{"no libnvidia-ml.so.1"}));
  EXPECT_EQ(mig_in(host).why(), "no libnvidia-ml.so.1");
  EXPECT_THAT(host.limits, Contains(Field(&Limit::why, "no libnvidia-ml.so.1")));
  EXPECT_THAT(mig_in(look(WithNvml(std::vector<MigOfGpu>{{kGpu, Unknown{"Not Found"}}}))).why(), "Not Found");
}

/// It is not said that there is none, and nobody is told that it could not be read.
TEST(ProbeMig, OfACapturedMachineIsUnknown) {
  const Host host = look(WithNvml(Absent{}));
  EXPECT_THAT(mig_in(host).why(), HasSubstr("captured"));
  EXPECT_THAT(host.limits, Not(Contains(Field(&Limit::what, HasSubstr("MIG")))));
}

TEST(ProbeMig, OfOtherDriversIsAbsent) {
  MemorySystem machine = machine_with_gpu();
  machine.symlink("/sys/bus/pci/devices/0000:02:00.0/driver", "../../../../bus/pci/drivers/nouveau");
  EXPECT_TRUE(find_function(probe(machine, {needs(Verb::Slices), {}}), kGpu)->mig.absent());
}

}  // namespace
}  // namespace gpupass::mig_test
