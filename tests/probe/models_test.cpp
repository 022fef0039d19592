// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/own/models.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>

#include "support/memory_system.hpp"

namespace gpupass::models_test {
namespace {

using testing::HasSubstr;

PciFunction card(std::uint16_t vendor, std::uint16_t device) {
  PciFunction function;
  function.vendor = vendor;
  function.device = device;
  return function;
}

Fact<KnownModel> known_of(const System& system, const PciFunction& function) {
  Limits limits;
  return Models(system, limits).known_of(function);
}

std::string row(const char* device, const char* effect, const std::string& more = "") {
  return fmt::format(
      R"({{"format": 1, "models": [{{"model": "ours", "vendor": "1002", "devices": ["{}"], "effect": "{}",
           "source": "a test"{}}}]}})",
      device, effect, more);
}

TEST(Models, AreKnownByTheListOfTheProgram) {
  const MemorySystem system;
  EXPECT_EQ(known_of(system, card(0x1002, 0x67df))->model, "Polaris, RX 400 and 500");
  for (const std::uint16_t device :
       std::initializer_list<std::uint16_t>{0x699f, 0x687f, 0x66af, 0x731f, 0x7340})
    EXPECT_TRUE(known_of(system, card(0x1002, device)).known()) << device;
  EXPECT_TRUE(known_of(system, card(0x1002, 0x73bf)).absent()) << "Navi 21";
  EXPECT_THAT(known_of(system, card(0x10de, 0x2b85))->source, HasSubstr("open-gpu-kernel-modules"));
  EXPECT_TRUE(known_of(system, card(0x10de, 0x2330)).absent());
  EXPECT_TRUE(known_of(system, card(0x10de, 0x67df)).absent()) << "another maker's";
  EXPECT_TRUE(known_of(system, PciFunction()).absent());
}

TEST(Models, OfTheAdministratorComeFirst) {
  MemorySystem system;
  system.file("/etc/gpupass/models.d/b.json", row("73bf", "reset-fails"))
      .file("/etc/gpupass/models.d/a.json", row("67df", "none"))
      .file("/etc/gpupass/models.d/README", "not JSON");
  EXPECT_EQ(known_of(system, card(0x1002, 0x73bf))->model, "ours");
  EXPECT_TRUE(known_of(system, card(0x1002, 0x67df)).absent()) << "taken back";
  EXPECT_TRUE(known_of(system, card(0x1002, 0x67ef)).known());
}

TEST(Models, AreMendedFromAKernelOn) {
  const auto known_on = [](const char* kernel, const char* until) {
    MemorySystem system;
    system.file("/proc/sys/kernel/osrelease", kernel)
        .file("/etc/gpupass/models.d/a.json",
              row("73bf", "reset-fails", fmt::format(R"(, "until": "{}")", until)));
    return known_of(system, card(0x1002, 0x73bf)).known();
  };
  EXPECT_TRUE(known_on("6.9.3-amd64\n", "6.12"));
  EXPECT_FALSE(known_on("6.12.0-rc1\n", "6.12"));
  EXPECT_FALSE(known_on("7.0\n", "6.12"));
  EXPECT_TRUE(known_on("", "6.12")) << "the kernel is not known";
}

TEST(Models, WithAMistakeAreLeftOutAndTold) {
  MemorySystem system;
  system.file("/etc/gpupass/models.d/a.json", "{")
      .file("/etc/gpupass/models.d/b.json", row("73bf", "reset-fails"));
  Limits limits;
  Models models(system, limits);
  EXPECT_TRUE(models.known_of(card(0x1002, 0x73bf)).known());
  ASSERT_EQ(limits.sorted().size(), 1u);
  EXPECT_THAT(limits.sorted()[0].why, HasSubstr("/etc/gpupass/models.d/a.json"));
}

}  // namespace
}  // namespace gpupass::models_test
