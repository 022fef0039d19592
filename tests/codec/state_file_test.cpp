// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/own_records.hpp"
#include "gpupass/error.hpp"
#include "gpupass/state.hpp"
#include "gpupass/units.hpp"

namespace gpupass::state_file_test {
namespace {

using testing::HasSubstr;

constexpr auto kWhole = R"(# A node.
[host]
reserve_cpus = "0-1,16"
stop = ["dcgm.service", "a.service"]
tune = ["services", "governor", "services"]

[defaults]
numa = "socket"
hugepages = "1G"
virt_type = "kvm"
firmware = "bios"

[gpus."65:00.0"]
id = "10de:2330"
subsystem = "10de:16c1"
serial = "48b02d0000a1b2c3"
name = "left"
use = "whole"
boot = false

[gpus."serial:48b02d0000a1b2c4"]
use = "host"
)";

/// What parse_state() says of a file that it refuses.
std::string refusal(std::string_view toml) {
  try {
    parse_state(toml, "node.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Malformed);
    return error.what();
  }
  ADD_FAILURE() << "it was read: " << toml;
  return {};
}

TEST(StateFile, SaysAllThatCanBeDeclared) {
  const State state = parse_state(kWhole, "node.toml");
  EXPECT_EQ(state.reserved_cpus.to_string(), "0-1,16");
  EXPECT_THAT(state.stop, testing::ElementsAre("a.service", "dcgm.service"));
  EXPECT_THAT(state.tune, testing::ElementsAre(Tuning::Governor, Tuning::Services));
  EXPECT_EQ(state.defaults.numa, NumaPolicy::Socket);
  EXPECT_EQ(state.defaults.page_size_bytes, parse_size("1G"));
  EXPECT_EQ(state.defaults.virt_type, VirtType::Kvm);
  EXPECT_EQ(state.defaults.firmware, Firmware::Bios);
  ASSERT_EQ(state.gpus.size(), 2u);
  const DeclaredGpu& left = state.gpus[0];
  EXPECT_EQ(left.key, "0000:65:00.0");
  EXPECT_EQ(left.identity, (Identity{.vendor = 0x10de,
                                     .device = 0x2330,
                                     .subsystem_vendor = 0x10de,
                                     .subsystem_device = 0x16c1,
                                     .serial = "48b02d0000a1b2c3"}));
  EXPECT_EQ(left.use, GpuUse::Whole);
  EXPECT_EQ(left.boot, false);
  EXPECT_EQ(left.name, "left");
  EXPECT_EQ(left.where, "node.toml:13:7");
  EXPECT_EQ(state.gpus[1].identity.serial, "48b02d0000a1b2c4");
}

TEST(StateFile, IsWrittenAsItIsRead) {
  State state = parse_state(kWhole, "node.toml");
  const std::string text = to_toml(state);
  State again = parse_state(text, "node.toml");
  for (State* one : {&state, &again})
    for (DeclaredGpu& gpu : one->gpus) gpu.where.clear();
  EXPECT_EQ(again, state);
  EXPECT_EQ(to_toml(again), text);
  EXPECT_EQ(parse_state(to_toml({}), "empty"), State());
}

TEST(StateFile, NamesLineAndColumnOfAMistake) {
  EXPECT_THAT(
      refusal("[host]\nreserv_cpus = \"0\"\n"),
      HasSubstr("node.toml:2:1: saw the unknown key \"reserv_cpus\" of [host], expected reserve_cpus"));
  EXPECT_THAT(refusal("[gpus.\"65:00.0\"]\nuse = \"hole\"\n"),
              HasSubstr("node.toml:2:7: saw \"hole\", expected one of host, whole"));
  EXPECT_THAT(refusal("[gpus.\"left\"]\n"), HasSubstr("node.toml:1:7: saw \"left\", expected an address"));
  EXPECT_THAT(refusal("[host\n"), HasSubstr("node.toml:1:"));
  EXPECT_THAT(refusal("host = 1\n"), HasSubstr("expected a table"));
  EXPECT_THAT(refusal("[host]\nstop = [\"rm -rf /\"]\n"), HasSubstr("expected a service"));
  EXPECT_THAT(refusal("[host]\nreserve_cpus = \"0-\"\n"), HasSubstr("expected CPUs"));
  EXPECT_THAT(refusal("[defaults]\nhugepages = \"4K\"\n"), HasSubstr("one of off, 2M, 1G"));
  EXPECT_THAT(refusal("[gpus.\"65:00.0\"]\nid = \"10de\"\n"), HasSubstr("ids as"));
  EXPECT_THAT(refusal("[gpus.\"65:00.0\"]\nboot = 1\n"), HasSubstr("true or false"));
  EXPECT_THAT(refusal("[gpus.\"65:00.0\"]\nserial = \"a\\u0007\"\n"), HasSubstr("a serial number"));
}

constexpr auto kSliced = R"([gpus."65:00.0"]
use = "host"

[gpus."65:00.0".slices]
vfs = 4
boot = false

[gpus."65:00.0".slices.types]
"1145" = ["65:00.5", "65:00.4"]
"L40S-2B" = 2
"NVIDIA L40S-4Q" = { id = "1150", count = 1 }
"nvidia-222" = { id = "nvidia-222", slices = ["C73F1FA6-489e-4834-9476-d70dabd98c40"] }

[gpus."66:00.0".slices]
vfs = 2
use = "whole"

[gpus."67:00.0".slices]
types = {}

[gpus."68:00.0".slices]
)";

TEST(StateFile, SaysWhatGpusAreCutInto) {
  const State state = parse_state(kSliced, "node.toml");
  ASSERT_EQ(state.gpus.size(), 4u);
  const DeclaredSlices& slices = state.gpus[0].slices.value();
  EXPECT_EQ(slices.vfs, 4u);
  EXPECT_EQ(slices.boot, false);
  EXPECT_EQ(slices.use, std::nullopt);
  EXPECT_EQ(slices.where, "node.toml:4:1");
  ASSERT_EQ(slices.types.value().size(), 4u);
  const std::vector<DeclaredType>& types = *slices.types;
  EXPECT_EQ(
      types[0],
      (DeclaredType{
          "1145", "", 2, {*PciAddress::parse("65:00.4"), *PciAddress::parse("65:00.5")}, "node.toml:9:1"}));
  EXPECT_EQ(types[1], (DeclaredType{"L40S-2B", "", 2, {}, "node.toml:10:1"}));
  EXPECT_EQ(types[2], (DeclaredType{"NVIDIA L40S-4Q", "1150", 1, {}, "node.toml:11:1"}));
  EXPECT_EQ(types[3].slices, std::vector{*DeviceId::parse("c73f1fa6-489e-4834-9476-d70dabd98c40")});
  EXPECT_EQ(state.gpus[1].slices.value().use, GpuUse::Whole);
  EXPECT_EQ(state.gpus[1].slices->types, std::nullopt);
  EXPECT_TRUE(state.gpus[2].slices.value().types.value().empty());
  EXPECT_TRUE(state.gpus[3].slices);
}

TEST(StateFile, SlicesAreWrittenAsTheyAreRead) {
  const std::string text = to_toml(parse_state(kSliced, "node.toml"));
  EXPECT_EQ(to_toml(parse_state(text, "again.toml")), text);
  EXPECT_THAT(text, HasSubstr("\n[gpus.\"0000:65:00.0\".slices.types]\n\"1145\" = [\"0000:65:00.4\", "));
  EXPECT_THAT(text, HasSubstr("\n[gpus.\"0000:68:00.0\".slices]\n"));
}

TEST(StateFile, NamesThePlaceOfAMistakeInSlices) {
  const std::string table = "[gpus.\"65:00.0\".slices]\n";
  EXPECT_THAT(refusal(table + "vf = 1\n"),
              HasSubstr("node.toml:2:1: saw the unknown key \"vf\" of slices, expected vfs"));
  EXPECT_THAT(refusal(table + "vfs = -1\n"),
              HasSubstr("node.toml:2:7: saw -1, expected a number of virtual"));
  EXPECT_THAT(refusal(table + "vfs = \"4\"\n"),
              HasSubstr("expected a number of virtual functions, 0 to 65535"));
  EXPECT_THAT(refusal(table + "use = \"guests\"\n"), HasSubstr("expected one of host, whole"));
  EXPECT_THAT(refusal(table + "types = 1\n"), HasSubstr("expected a table"));
  const auto type = [&](const std::string& value) {
    return refusal(table + "types = { \"1145\" = " + value + " }\n");
  };
  EXPECT_THAT(type("0"), HasSubstr("node.toml:2:20: saw 0, expected a number of slices, 1 to 1024"));
  EXPECT_THAT(type("\"all\""), HasSubstr("saw something else, expected a number of slices"));
  EXPECT_THAT(type("[]"), HasSubstr("saw no slices"));
  EXPECT_THAT(type("[\"left\"]"), HasSubstr("node.toml:2:21: saw \"left\", expected the UUID"));
  EXPECT_THAT(type("[\"65:00.4\", \"0000:65:00.4\"]"), HasSubstr("twice, expected it once"));
  EXPECT_THAT(type("[\"65:00.4\", \"c73f1fa6-489e-4834-9476-d70dabd98c40\"]"),
              HasSubstr("as the first one is"));
  EXPECT_THAT(type("{}"), HasSubstr("neither or both of count and slices"));
  EXPECT_THAT(type("{ count = 1, slices = [\"65:00.4\"] }"),
              HasSubstr("neither or both of count and slices"));
  EXPECT_THAT(type("{ id = \"a/b\", count = 1 }"), HasSubstr("expected an id"));
  EXPECT_THAT(type("{ counts = 1 }"), HasSubstr("unknown key \"counts\" of a type, expected count"));
  EXPECT_THAT(type("[\"65:00.4\"], \"1150\" = [\"65:00.4\"]"), HasSubstr("in two types, expected it in one"));
  EXPECT_THAT(refusal(table + "types = { \"\" = 1 }\n"), HasSubstr("expected a type"));
  EXPECT_THAT(refusal(table + "use = \"whole\"\ntypes = { \"1145\" = 1 }\n"),
              HasSubstr("node.toml:2:7: saw use = \"whole\" beside types"));
  EXPECT_THAT(refusal("[gpus.\"65:00.0\"]\nuse = \"whole\"\nslices = { vfs = 1 }\n"),
              HasSubstr("node.toml:3:10: saw slices of a GPU that is declared to be whole"));
  EXPECT_EQ(parse_state("[gpus.\"65:00.0\"]\nuse = \"whole\"\nslices = { vfs = 0 }\n", "n").gpus.size(), 1u);
}

TEST(StateFile, SaysWhichInstancesOfMigThereAre) {
  const std::string table = "[gpus.\"65:00.0\".slices]\n";
  const auto mig_of = [&](const std::string& value) {
    const State state = parse_state(table + "mig = " + value + "\n", "node.toml");
    EXPECT_EQ(to_toml(parse_state(to_toml(state), "again.toml")), to_toml(state));
    return state.gpus.front().slices.value().mig.value();
  };
  EXPECT_EQ(mig_of("false"), (DeclaredMig{false, {}, "node.toml:2:7"}));
  EXPECT_EQ(mig_of("{}"), (DeclaredMig{true, {}, "node.toml:2:7"}));
  EXPECT_EQ(mig_of("{ \"1g.10gb\" = 4, \"3g.40gb\" = 1 }"),
            (DeclaredMig{true, {{"1g.10gb", 4}, {"3g.40gb", 1}}, "node.toml:2:7"}));
  EXPECT_THAT(refusal(table + "mig = true\n"),
              HasSubstr("node.toml:2:7: saw something else for mig, expected false, or"));
  EXPECT_THAT(refusal(table + "mig = { \"1g.10gb\" = 0 }\n"),
              HasSubstr("expected a number of instances, 1 to 64"));
  EXPECT_THAT(refusal("[gpus.\"65:00.0\"]\nuse = \"whole\"\nslices = { mig = {} }\n"),
              HasSubstr("slices of a GPU that is declared to be whole"));
}

/// The library that reads TOML ended the process there.
TEST(StateFile, AKeyThatIsNoneIsRefused) {
  using namespace std::string_view_literals;
  for (const std::string_view toml : {"\n[!host]\n"sv, "\n[\0host]\n"sv, "\n[ocO.!]\n"sv})
    EXPECT_THAT(refusal(toml), HasSubstr("cannot read node.toml:2:")) << toml;
  EXPECT_THAT(refusal("# Für Gäste\nhost\u02b2 = 1\n"), HasSubstr("cannot read node.toml:2:5"));
  EXPECT_EQ(parse_state("# Für Gäste\n", "node.toml"), State());
}

TEST(StateFile, DeclaresEachGpuAndEachNameOnce) {
  EXPECT_THAT(refusal("[gpus.\"65:00.0\"]\n[gpus.\"0000:65:00.0\"]\n"),
              HasSubstr("saw \"0000:65:00.0\" twice"));
  EXPECT_THAT(refusal("[gpus.\"65:00.0\"]\nname = \"a\"\n[gpus.\"66:00.0\"]\nname = \"a\"\n"),
              HasSubstr("saw \"a\" twice"));
}

TEST(StateFile, ANameIsNoOtherFormOfAGpusName) {
  for (const char* name : {"left", "gpu0", "a.b_c-D", "A100-1"}) EXPECT_TRUE(is_gpu_name(name)) << name;
  for (const char* name : {"", "0", "65:00.0", "all", "ALL", "node:1", "GPU-7c5b", "MIG-1",
                           "pci_0000_65_00_0", "a b", "a/b", "\x1b[m"})
    EXPECT_FALSE(is_gpu_name(name)) << name;
}

TEST(OwnRecords, AreReadAsTheyWereWritten) {
  const Identity identity{.vendor = 0x10de, .device = 0x2330, .serial = "48b02d0000a1b2c3"};
  const PciAddress gpu = *PciAddress::parse("0000:65:00.0");
  Settings settings;
  EXPECT_EQ(to_settings_file(settings), std::nullopt);
  settings.names = {{"left", gpu, identity}};
  settings.reserved_cpus = *CpuSet::parse("0-3");
  settings.stop = {"dcgm.service"};
  settings.defaults.numa = NumaPolicy::Preferred;
  EXPECT_EQ(parse_settings_file(*to_settings_file(settings)), settings);
  const std::vector<Quarantined> quarantine = {{gpu, identity, "fell off the bus"}};
  EXPECT_EQ(parse_quarantine_file(*to_quarantine_file(quarantine)), quarantine);
  EXPECT_EQ(to_quarantine_file({}), std::nullopt);
  EXPECT_THROW(parse_settings_file("{}"), Error);
  EXPECT_THROW(parse_quarantine_file("not JSON"), Error);
}

}  // namespace
}  // namespace gpupass::state_file_test
