// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "support/host_builder.hpp"

namespace gpupass::select_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Two GPUs that can be given away, each on a node of its own, beside the server's own display.
Host server() {
  return HostBuilder()
      .vga("0000:03:00.0", "ast")
      .ids(0x1a03, 0x2000)
      .with([](PciFunction& f) { f.boot_vga = true; })
      .gpu("0000:41:00.0")
      .with([](PciFunction& f) { f.numa_node = 0; })
      .port("0000:64:00.0", ExpressType::RootPort)
      .with([](PciFunction& f) { f.numa_node = 1; })
      .gpu("0000:65:00.0")
      .below("0000:64:00.0")
      .audio("0000:65:00.1")
      .below("0000:64:00.0")
      .group(1, {"0000:03:00.0"})
      .group(4, {"0000:41:00.0"})
      .group(5, {"0000:65:00.0", "0000:65:00.1"})
      .build();
}

Error error_of(const Host& host, const std::vector<std::string>& names, const NameLookup& lookup = {}) {
  try {
    select_gpus(host, names, lookup);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorCode::System, "", ""};
}

TEST(SelectGpus, AnAddressMeansExactlyThatFunction) {
  EXPECT_THAT(select_gpus(server(), {"0000:65:00.0"}).gpus, ElementsAre(address("65:00.0")));
  EXPECT_THAT(select_gpus(server(), {"65:00.1"}).gpus, ElementsAre(address("65:00.1")));
  EXPECT_THAT(select_gpus(server(), {"03:00.0"}).gpus, ElementsAre(address("03:00.0")));
}

TEST(SelectGpus, AnAddressThatTheHostDoesNotHaveListsWhatThereIs) {
  const Error error = error_of(server(), {"0000:66:00.0"});
  EXPECT_EQ(error.code(), ErrorCode::NotFound);
  EXPECT_THAT(error.hint(), HasSubstr("\n0000:41:00.0  10de:2330  node 0\n0000:65:00.0  10de:2330  node 1"));
}

TEST(SelectGpus, AllPassesOverTheBootDisplayAndSaysWhy) {
  const Selection all = select_gpus(server(), {"all"});
  EXPECT_THAT(all.gpus, ElementsAre(address("41:00.0"), address("65:00.0")));
  ASSERT_EQ(all.passed_over.size(), 1u);
  EXPECT_EQ(all.passed_over[0].subject, "0000:03:00.0");
  EXPECT_EQ(all.passed_over[0].id, "gpu.boot-display");
}

TEST(SelectGpus, IdsMeanTheGpusAndNotTheirCompanions) {
  EXPECT_THAT(select_gpus(server(), {"10DE:2330"}).gpus, ElementsAre(address("41:00.0"), address("65:00.0")));
}

TEST(SelectGpus, ANodeMeansAlsoTheGpusWhoseBridgeIsOnIt) {
  EXPECT_THAT(select_gpus(server(), {"node:1"}).gpus, ElementsAre(address("65:00.0")));
}

TEST(SelectGpus, NamesThatOverlapSelectEachGpuOnce) {
  EXPECT_THAT(select_gpus(server(), {"65:00.0", "all", "node:0"}).gpus,
              ElementsAre(address("41:00.0"), address("65:00.0")));
  EXPECT_THAT(select_gpus(server(), {"all", "all"}).passed_over, testing::SizeIs(1));
}

TEST(SelectGpus, WhatIsNamedByAddressIsNotPassedOver) {
  const Selection both = select_gpus(server(), {"all", "03:00.0"});
  EXPECT_THAT(both.gpus, testing::SizeIs(3));
  EXPECT_THAT(both.passed_over, IsEmpty());
}

TEST(SelectGpus, CollectiveFormsNeverMeanVirtualFunctions) {
  const Host host = HostBuilder()
                        .gpu("0000:41:00.0")
                        .gpu("0000:41:00.4")
                        .virtual_function_of("0000:41:00.0")
                        .group(4, {"0000:41:00.0"})
                        .group(5, {"0000:41:00.4"})
                        .build();
  EXPECT_THAT(select_gpus(host, {"all"}).gpus, ElementsAre(address("41:00.0")));
  EXPECT_THAT(select_gpus(host, {"41:00.4"}).gpus, ElementsAre(address("41:00.4")));
}

TEST(SelectGpus, ACollectiveFormThatSelectsNothingGivesTheReasons) {
  const Host host = HostBuilder().gpu("0000:41:00.0").host([](Host& h) { h.iommu->units.clear(); }).build();
  const Error error = error_of(host, {"all"});
  EXPECT_EQ(error.code(), ErrorCode::Refused);
  EXPECT_THAT(error.what(), HasSubstr("no IOMMU is active"));
  EXPECT_EQ(error_of(server(), {"node:7"}).code(), ErrorCode::NotFound);
  EXPECT_EQ(error_of(server(), {"1002:73bf"}).code(), ErrorCode::NotFound);
}

TEST(SelectGpus, WhatMayNotBeFreeIsPassedOver) {
  const Host host = HostBuilder()
                        .gpu("0000:41:00.0")
                        .with([](PciFunction& f) { f.iommu_group = Unknown{"dangling link"}; })
                        .gpu("0000:42:00.0")
                        .group(2, {"0000:42:00.0"})
                        .build();
  const Selection all = select_gpus(host, {"all"});
  EXPECT_THAT(all.gpus, ElementsAre(address("42:00.0")));
  ASSERT_EQ(all.passed_over.size(), 1u);
  EXPECT_THAT(all.passed_over[0].message, HasSubstr("dangling link"));
}

/// Two GPUs of two models, which tell who they are; the second has a virtual function.
Host two_models() {
  return HostBuilder()
      .gpu("0000:41:00.0")
      .with([](PciFunction& f) {
        f.uuid = std::string("GPU-3a5c1b9e-0000-4e0f-8000-0123456789ab");
        PciConfig config;
        config.serial = std::string("48b02d0000a1b2c3");
        f.config = config;
      })
      .gpu("0000:65:00.0")
      .ids(0x1002, 0x74a1)
      .with([](PciFunction& f) { f.uuid = std::string("3a5d5c0ffee00001"); })
      .gpu("0000:65:02.0")
      .ids(0x1002, 0x74b5)
      .virtual_function_of("0000:65:00.0")
      .gpu("0001:41:00.0")
      .ids(0x10de, 0x2331)
      .build();
}

PciNames models(std::uint16_t vendor, std::uint16_t device) {
  if (vendor != 0x10de) return {"Advanced Micro Devices, Inc. [AMD/ATI]", "Aqua Vanjaram [Instinct MI300X]"};
  return {"NVIDIA Corporation", device == 0x2330 ? "GH100 [H100 SXM5 80GB]" : "GH100 [H100 PCIe]"};
}

TEST(SelectGpus, AnythingThatOneGpuAloneIsCalledMeansIt) {
  const std::map<std::string, const char*> meant = {
      {"pci_0000_41_00_0", "41:00.0"},
      {"0000:41:00", "41:00.0"},
      {"41:00", "41:00.0"},
      {"41:", "41:00.0"},
      {"0001:41", "0001:41:00.0"},
      {"65:00", "65:00.0"},
      {"65:02", "65:02.0"},
      {"GPU-3a5c1b9e-0000-4e0f-8000-0123456789ab", "41:00.0"},
      {"gpu-3A5C", "41:00.0"},
      {"3a5c1b9e-0000-4e0f-8000-0123456789ab", "41:00.0"},
      {"3a5c1b9e", "41:00.0"},
      {"3a5d5c0ffee00001", "65:00.0"},
      {"48b02d0000a1b2c3", "41:00.0"},
      {"48-B0-2D-00-00-A1-B2-C3", "41:00.0"},
      {"sxm5", "41:00.0"},
      {"H100 PCIe", "0001:41:00.0"},
      {"mi300x", "65:00.0"},
      {"amd", "65:00.0"},
  };
  for (const auto& [name, gpu] : meant)
    EXPECT_THAT(select_gpus(two_models(), {name}, models).gpus, ElementsAre(address(gpu))) << name;
}

TEST(SelectGpus, ANameOfSeveralGpusListsThem) {
  for (const char* name : {"h100", "NVIDIA", "GH100", "3a5"}) {
    const Error error = error_of(two_models(), {name}, models);
    EXPECT_EQ(error.code(), ErrorCode::NotFound) << name;
    EXPECT_THAT(error.what(), HasSubstr("2 GPUs have it in their names")) << name;
    EXPECT_THAT(error.hint(),
                HasSubstr("\n0000:41:00.0  10de:2330  node ?  NVIDIA Corporation GH100 [H100 SXM5"));
  }
}

TEST(SelectGpus, APartOfANameHasThreeCharacters) {
  for (const char* name : {"", "4", "41", "gh"})
    EXPECT_EQ(error_of(two_models(), {name}, models).code(), ErrorCode::NotFound) << name;
}

TEST(SelectGpus, WithoutALookUpNoModelHasAName) {
  EXPECT_THAT(error_of(two_models(), {"sxm5"}).what(), HasSubstr("no GPU has this name"));
}

TEST(SelectGpus, MoreIsReadWhereANameNeedsIt) {
  EXPECT_EQ(needs_to_find({"65:00.0", "all", "node:1", "10de:2330", "pci_0000_65_00_0"}), Parts{});
  for (const char* name : {"GPU-3a5c", "48b02d0000a1b2c3", "sxm5"})
    EXPECT_EQ(needs_to_find({"65:00.0", name}), (Parts{.details = true, .config = true})) << name;
}

TEST(SelectGpus, NamesOfSlicesAreReserved) {
  for (const char* name : {"MIG-3a5c1b9e", "0000:65:00.0/1g.10gb", "all/2g"}) {
    const Error error = error_of(server(), {name});
    EXPECT_EQ(error.code(), ErrorCode::Usage) << name;
    EXPECT_THAT(error.what(), HasSubstr("reserved")) << name;
  }
}

TEST(SelectGpus, WhatNoGpuIsCalledIsNotFound) {
  for (const char* name :
       {"", "66:00", "0000:65:00.8", "node:", "node:x", "node:-1", "10de:", "10de:233x", "*", "a b",
        "0000:65:00.0 ", "\x1b[31m", "trainer", "GPU-3a5c1b9e", "3a5c1b9e-0000-4e0f-8000-0123456789ab"}) {
    const Error error = error_of(server(), {name}, models);
    EXPECT_EQ(error.code(), ErrorCode::NotFound) << name;
    EXPECT_EQ(std::string(error.what()).find('\x1b'), std::string::npos);
    EXPECT_THAT(error.hint(), HasSubstr("\n0000:65:00.0  10de:2330  node 1")) << name;
  }
}

TEST(SelectGpus, AnErrorSaysWhichKindOfNameItIs) {
  EXPECT_THAT(error_of(server(), {"node:7"}).what(), HasSubstr("no GPU is on NUMA node 7"));
  EXPECT_THAT(error_of(server(), {"1002:73bf"}).what(), HasSubstr("no GPU has these ids"));
  EXPECT_THAT(error_of(server(), {"GPU-1"}).what(), HasSubstr("only the driver of its vendor"));
}

TEST(SelectGpus, AHostWithoutGpusSaysSo) {
  EXPECT_THAT(error_of(HostBuilder().build(), {"all"}).hint(), HasSubstr("no GPU"));
}

TEST(NamedAddresses, AreThoseThatAreAddresses) {
  EXPECT_THAT(named_addresses({"all", "65:00.0", "10de:2330"}), ElementsAre(address("65:00.0")));
}

}  // namespace
}  // namespace gpupass::select_test
