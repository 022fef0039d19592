// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "change/json.hpp"
#include "change/kinds.hpp"
#include "codec/containers.hpp"
#include "codec/reader.hpp"
#include "codec/writer.hpp"
#include "gpupass/error.hpp"

namespace gpupass::json_test {
namespace {

using ::testing::HasSubstr;

// --- random values, filled by the same list of fields ---

class Filler {
 public:
  explicit Filler(unsigned seed) : engine_(seed) {}

  template <typename T>
  void operator()(const char*, T& value, auto...) {
    fill(value);
  }

  template <typename T>
  T random() {
    T value{};
    fill(value);
    return value;
  }

 private:
  std::uint64_t below(std::uint64_t limit) {
    return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(engine_);
  }

  template <typename T>
  void fill(Fact<T>& fact) {
    switch (below(5)) {
      case 0:
        fact = {};
        break;
      case 1:
        fact = Absent{};
        break;
      case 2:
        fact = Unknown{random<std::string>()};
        break;
      default:
        fact = random<T>();
    }
  }
  template <typename T>
  void fill(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = below(2) == 0;
    } else if constexpr (std::is_floating_point_v<T>) {
      value = static_cast<T>(below(1000)) / 7;
    } else if constexpr (std::is_integral_v<T>) {
      const bool small = below(2) == 0;
      value = static_cast<T>(small ? below(10) : std::uniform_int_distribution<std::uint64_t>()(engine_));
    } else if constexpr (std::is_same_v<T, std::string>) {
      for (auto size = below(12); size > 0; --size)
        value += below(3) == 0 ? static_cast<char>(below(256)) : 'a';
    } else if constexpr (std::is_same_v<T, DeviceId>) {
      value = random<PciAddress>();
      if (below(2) == 0)
        value = *DeviceId::parse("c73f1fa6-489e-4834-9476-d70dabd98c4" + std::to_string(below(10)));
    } else if constexpr (std::is_same_v<T, PciAddress>) {
      value.domain = random<std::uint32_t>();
      value.bus = random<std::uint8_t>();
      value.device = static_cast<std::uint8_t>(below(32));
      value.function = static_cast<std::uint8_t>(below(8));
    } else if constexpr (std::is_same_v<T, CpuSet>) {
      for (auto size = below(6); size > 0; --size) value.insert(static_cast<unsigned>(below(65536)));
    } else if constexpr (std::is_enum_v<T>) {
      value = kNames<T>[below(kNames<T>.size())].first;
    } else if constexpr (kIsVector<T>) {
      value.resize(below(4));
      for (auto& element : value) fill(element);
    } else if constexpr (kIsSet<T>) {
      for (auto size = below(4); size > 0; --size) value.insert(random<typename T::value_type>());
    } else if constexpr (kIsOptional<T>) {
      value.reset();
      if (below(2) == 0) fill(value.emplace());
    } else if constexpr (std::is_same_v<T, Change>) {
      fill_change(value, std::make_index_sequence<std::variant_size_v<Change>>());
    } else {
      fields(*this, value);
    }
  }
  template <std::size_t... Index>
  void fill_change(Change& change, std::index_sequence<Index...>) {
    const auto chosen = below(sizeof...(Index));
    ((chosen == Index ? (void)(change = random<std::variant_alternative_t<Index, Change>>()) : void()), ...);
  }

  std::mt19937_64 engine_;
};

template <typename T>
void expect_reads_back(T (*from)(std::string_view)) {
  EXPECT_EQ(from(to_json(T())), T());
  for (unsigned seed = 0; seed < 150; ++seed) {
    const T value = Filler(seed).random<T>();
    ASSERT_EQ(from(to_json(value)), value) << "seed " << seed << "\n" << to_json(value);
  }
}

TEST(Json, ReadsBackWhatItWrote) {
  expect_reads_back(host_from_json);
  expect_reads_back(plan_from_json);
  expect_reads_back(placement_from_json);
  expect_reads_back(request_from_json);
  expect_reads_back(finding_from_json);
  expect_reads_back(selection_from_json);
  expect_reads_back(assessment_from_json);
  expect_reads_back(report_from_json);
  expect_reads_back(operation_from_json);
  expect_reads_back(guest_facts_from_json);
  expect_reads_back(baseline_from_json);
}

/// Today's names, and those of earlier versions' files.
TEST(Json, ATypeIsReadByItsFormerNameToo) {
  EXPECT_EQ(named<ExpressType>("root port"), ExpressType::RootPort);
  EXPECT_EQ(named<ExpressType>("root-port"), ExpressType::RootPort);
  EXPECT_EQ(named<ExpressType>("port"), std::nullopt);
}

// --- no field is forgotten ---

/// Stands for a member of any type. Never called.
struct Anything {
  template <typename T>
  operator T() const {
    std::abort();
  }
};

template <typename T, typename... Members>
constexpr std::size_t members_of() {
  if constexpr (requires { T{Members()..., Anything()}; }) {
    return members_of<T, Members..., Anything>();
  } else {
    return sizeof...(Members);
  }
}

struct Counter {
  std::size_t count = 0;
  void operator()(const char*, auto&, auto...) { ++count; }
};

/// A record has the members of its identity, and of what made way, among its own keys; that of a boot binding
/// is without two.
template <typename T>
constexpr std::size_t kKeys = members_of<T>();
template <>
constexpr std::size_t kKeys<Home> = members_of<Home>() - 2 + members_of<Identity>() + members_of<MadeWay>();
template <>
constexpr std::size_t kKeys<BootBinding> = members_of<BootBinding>() - 1 + members_of<Identity>() - 2;

template <typename... Values>
void expect_all_members_to_have_a_key() {
  const auto expect = []<typename T>(T value) {
    Counter counter;
    fields(counter, value);
    EXPECT_EQ(counter.count, kKeys<T>) << typeid(T).name();
  };
  (expect(Values()), ...);
}

TEST(Json, EveryMemberHasAKey) {
  expect_all_members_to_have_a_key<
      Bar, PciLink, Acs, PciConfig, Sriov, PciFunction, IommuGroup, Iommu, Package, Cache, Core, CpuTopology,
      HugePages, NumaNode, Domain, Holder, Limit, DriverState, Home, Claim, Keyboard, DeviceUse, DeviceUser,
      Host, Cell, VcpuPin, Placement, SetHome, SetDriver, SetD3cold, SetService, SetPersistence, LoadModule,
      SetDomain, SetMetadata, SetPower, SetDevice, SetBootBindings, BootBinding, BootImage, BootImages, Step,
      Assumption, Plan, Finding, Selection, Assessment, CellRequest, Request, StepResult, Report, Operation,
      SetVgpuType, SetMediatedDevice, SetMediatedDefinition, MediatedDefinition, SetMigMode, SetMigInstance,
      Mig, MigGpuInstance, MigComputeInstance, MigSpan>();
}

// --- files of other versions ---

/// Adds a key to every object, as a later version may.
void add_later_field(nlohmann::ordered_json& json) {
  for (auto& value : json)
    if (value.is_structured()) add_later_field(value);
  if (json.is_object()) json["a later field"] = {{"unknown", 1}};
}

template <typename T>
void expect_later_fields_to_be_left_alone(T (*from)(std::string_view), const T& value) {
  auto json = nlohmann::ordered_json::parse(to_json(value));
  add_later_field(json);
  EXPECT_EQ(from(json.dump()), value);
}

TEST(Json, AFieldThatALaterVersionAddedIsLeftAlone) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    Filler filler(seed);
    expect_later_fields_to_be_left_alone(host_from_json, filler.random<Host>());
    expect_later_fields_to_be_left_alone(plan_from_json, filler.random<Plan>());
    expect_later_fields_to_be_left_alone(placement_from_json, filler.random<Placement>());
  }
}

/// Takes each field that is kAddedLater away, and expects its default.
template <typename T>
class WithoutLaterFields {
 public:
  explicit WithoutLaterFields(const T& value) : value_(value) {}

  template <typename Field>
  void operator()(const char*, const Field&) {}
  template <typename Field>
  void operator()(const char* key, const Field&, AddedLater) {
    nlohmann::json json = json_of_value(value_);
    json.erase(key);
    T read;
    read_value(json, JsonPlace("value"), read);
    nlohmann::json expected = json_of_value(value_);
    expected[key] = json_of_value(T())[key];
    EXPECT_EQ(nlohmann::json(json_of_value(read)), expected) << key;
    ++count;
  }
  int count = 0;

 private:
  const T& value_;
};

TEST(Json, AFieldThatAnEarlierVersionLacksHasItsDefault) {
  Filler filler(1);
  const auto check = [&](const auto& value) {
    WithoutLaterFields visit(value);
    fields(visit, value);
    EXPECT_GT(visit.count, 0);
  };
  check(filler.random<Home>());
  check(filler.random<BootBinding>());
  check(filler.random<SetDriver>());
  check(filler.random<SetDevice>());
  check(filler.random<Step>());
  check(filler.random<Plan>());
  check(filler.random<Placement>());
  check(filler.random<Host>());
}

// --- the form ---

TEST(Json, TheFourStatesOfAFactStayDifferent) {
  Host host;
  PciFunction function;
  function.vendor = std::uint16_t{0x10de};
  function.driver = Absent{};
  function.link = Unknown{"Permission denied"};
  host.functions = {function};
  EXPECT_EQ(to_json(host), R"({
  "format": 1,
  "host": {
    "functions": [
      {
        "address": "0000:00:00.0",
        "vendor": 4318,
        "driver": null,
        "link": {
          "unknown": "Permission denied"
        }
      }
    ],
    "limits": []
  }
}
)");
}

TEST(Json, AChangeTellsItsKind) {
  Plan plan;
  plan.assumes = {{Assumption::Kind::Attribute, "/sys/a", "0x10de"}};
  plan.steps = {{"make the driver available", "nothing to undo", LoadModule{"vfio-pci"}, {}}};
  EXPECT_EQ(to_json(plan), R"({
  "format": 1,
  "plan": {
    "assumes": [
      {
        "kind": "attribute",
        "subject": "/sys/a",
        "expected": "0x10de"
      }
    ],
    "steps": [
      {
        "summary": "make the driver available",
        "reason": "nothing to undo",
        "change": {
          "kind": "module",
          "module": "vfio-pci"
        },
        "undo": null
      }
    ],
    "notes": []
  }
}
)");
}

/// Journals of earlier versions hold these.
TEST(Json, RecordsKeepTheirKeysAndZeros) {
  const std::string home = R"({"kind": "home", "device": "0000:65:00.0", "home": {"address": "0000:65:00.0",)"
                           R"("state": {"driver": "nvidia", "driver_override": ""}, "vendor": 4318,)"
                           R"("device": 9008, "d3cold_allowed": true, "persistence": null,)"
                           R"("subsystem_vendor": 0, "subsystem_device": 0, "serial": "aa", "uuid": "bb",)"
                           R"("path": "pci0000:64/00.0"}})";
  const std::string boot = R"({"kind": "boot", "bindings": [{"address": "0000:65:00.0", "vendor": 4318,)"
                           R"("device": 9008, "subsystem_vendor": 0, "subsystem_device": 65535,)"
                           R"("serial": "cc"}], "tool": "dracut", "images": []})";
  const auto read = [](const std::string& change) {
    const std::string text =
        R"({"format":1,"plan":{"assumes":[],"notes":[],"steps":[{"summary":"","reason":"","undo":null,"change":)" +
        change + "}]}}";
    const Plan plan = plan_from_json(text);
    EXPECT_EQ(plan_from_json(to_json(plan)), plan);
    return plan.steps.at(0).change;
  };
  const PciAddress at = *PciAddress::parse("0000:65:00.0");
  EXPECT_EQ(
      read(home),
      Change(SetHome{
          at, Home{at, {"nvidia", ""}, {0x10de, 0x2330, {}, {}, "aa", "bb", "pci0000:64/00.0"}, true, {}}}))
      << "a subsystem of 0 was not known";
  EXPECT_EQ(read(boot), Change(SetBootBindings{
                            {BootBinding{at, {0x10de, 0x2330, 0, 0xffff, "cc"}}}, BootTool::Dracut, {}}))
      << "all ids are known";
}

TEST(Json, BytesThatAreNoUtf8AreKept) {
  Plan plan;
  plan.notes = {"\xff\xfe", "gr\xc3\xbc\xc3\x9f\x65", std::string("a\0b", 3)};
  EXPECT_THAT(to_json(plan), HasSubstr(R"("bytes": "fffe")"));
  EXPECT_EQ(plan_from_json(to_json(plan)), plan);
}

// --- refusals ---

std::string complaint(const std::string& plan) {
  try {
    plan_from_json(plan);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Malformed);
    return error.what();
  }
  return "accepted";
}

std::string plan_with_step(const std::string& change) {
  return R"({"format": 1, "plan": {"assumes": [], "notes": [], "steps": [)"
         R"({"summary": "", "reason": "", "undo": null, "change": )" +
         change + "}]}}";
}

TEST(Json, RefusesWhatIsNoSuchDocument) {
  EXPECT_EQ(complaint(""), "cannot read plan: saw something else at byte 1, expected JSON");
  EXPECT_EQ(complaint("{\"format\": 1"), "cannot read plan: saw something else at byte 13, expected JSON");
  EXPECT_EQ(complaint("[]"), "cannot read plan: saw [], expected an object");
  EXPECT_EQ(complaint("{}"), "cannot read plan.format: saw null, expected 1");
  EXPECT_EQ(complaint(R"({"format": 2})"), "cannot read plan.format: saw 2, expected 1");
  EXPECT_EQ(complaint(R"({"format": 1, "host": {}})"),
            R"(cannot read plan: saw {"format":1,"host":{}}, expected the keys "format" and "plan")");
  EXPECT_THAT(complaint(std::string(200'000, '[')), HasSubstr("expected JSON"));
  EXPECT_THAT(complaint("\"\xff\""), HasSubstr("expected JSON"));
}

TEST(Json, AComplaintNamesTheKeyWhatWasSeenAndWhatWasExpected) {
  const std::string driver = R"("kind": "driver", "kernel_chooses": false, "device": )";
  const std::string state = R"("state": {"driver": "", "driver_override": ""})";
  EXPECT_EQ(complaint(plan_with_step("{" + driver + "\"0000:65:00.0\", " + state + "}")), "accepted");
  EXPECT_EQ(
      complaint(plan_with_step("{" + driver + "\"65\", " + state + "}")),
      "cannot read plan.steps[0].change.device: saw \"65\", expected a PCI address such as \"0000:65:00.0\"");
  EXPECT_EQ(complaint(plan_with_step("{" + driver + "\"0000:65:00.0\"}")),
            "cannot read plan.steps[0].change.state: saw nothing, expected a value");
  EXPECT_EQ(
      complaint(plan_with_step(R"({"kind": "format"})")),
      "cannot read plan.steps[0].change.kind: saw \"format\", expected one of home, driver, d3cold, service, "
      "persistence, module, domain, metadata, power, device, boot, file, seed, console, framebuffer, "
      "virtual-functions, kernel-options, huge-pages, reset-methods, reset, tunable, vgpu-type, "
      "mediated-device, mediated-definition, mig-mode, mig-instance");
  EXPECT_EQ(complaint(plan_with_step(R"({"kind": "power", "domain": "a", "running": 1})")),
            "cannot read plan.steps[0].change.running: saw 1, expected true or false");
  EXPECT_EQ(complaint(plan_with_step(R"({"kind": "module", "module": {"bytes": "f"}})")),
            R"(cannot read plan.steps[0].change.module: saw {"bytes":"f"}, expected a text, or {"bytes": )"
            "hexadecimal digits}");
}

TEST(Json, ANumberMustFit) {
  const auto read = [](const std::string& threads) {
    try {
      placement_from_json(
          R"({"format": 1, "placement": {"gpus": [], "devices": [], "cells": [], "vcpu_pins": [], )"
          R"("emulator_cpus": "", "reasons": [], "threads_per_core": )" +
          threads + "}}");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_EQ(read("4294967295"), "accepted");
  EXPECT_EQ(
      read("4294967296"),
      "cannot read placement.threads_per_core: saw 4294967296, expected an integer from 0 to 4294967295");
  for (const auto* wrong : {"-1", "1.5", "1e3", "\"1\"", "null", "true"})
    EXPECT_THAT(read(wrong), HasSubstr("expected an integer")) << wrong;
}

TEST(Json, AMutatedDocumentIsReadOrRefusedNothingElse) {
  std::mt19937 random(1);
  const auto below = [&random](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  const std::string original = to_json(Filler(7).random<Host>());
  for (int i = 0; i < 1000; ++i) {
    std::string text = original;
    for (std::size_t count = 1 + below(3); count > 0; --count) {
      const std::size_t at = below(text.size());
      switch (below(3)) {
        case 0:
          text[at] = static_cast<char>(below(256));
          break;
        case 1:
          text.erase(at, 1 + below(30));
          break;
        default:
          text.insert(below(text.size()), text.substr(at, 1 + below(30)));
      }
    }
    try {
      const Host host = host_from_json(text);
      ASSERT_EQ(host_from_json(to_json(host)), host);
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::Malformed);
    }
  }
}

}  // namespace
}  // namespace gpupass::json_test
