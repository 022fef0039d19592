// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <pugixml.hpp>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "guest/edit/hostdev.hpp"
#include "support/error_of.hpp"
#include "support/host_builder.hpp"
#include "support/plan_steps.hpp"
#include "values/sizes.hpp"

namespace gpupass::plan_guest_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const PciAddress kGpu = address("0000:65:00.0");
const PciAddress kAudio = address("0000:65:00.1");
const PciAddress kNic = address("0000:66:00.0");

std::string domain_xml(const std::string& devices = {}) {
  return "<domain type='kvm'>\n  <name>guest1</name>\n  <devices>" + devices + "</devices>\n</domain>\n";
}

DomainXml guest1(const std::string& live, const std::string& persistent) {
  return {"guest1", !live.empty(), !persistent.empty(), false, live, persistent};
}

Placement placed(std::vector<DeviceId> gpus) {
  Placement placement;
  placement.gpus = std::move(gpus);
  return placement;
}

Host bound_card() {
  const Host host = one_card().build();
  return after(host, plan_bind(host, {kGpu}));
}

ErrorCode code_of(const auto& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::System;
}

Plan plan_define(const Host& host, const std::string& name, const std::string& xml,
                 const Placement& placement, const DomainXml* existing, Start start) {
  return gpupass::plan_define(
      host, {name, xml, placement, existing ? std::optional(*existing) : std::nullopt, start, {}});
}

// --- define ---

TEST(PlanDefine, OfANewGuestCanBeUndoneToNone) {
  const Plan plan =
      plan_define(one_card().build(), "guest1", domain_xml(), placed({kGpu}), nullptr, Start::No);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(std::get<SetDomain>(plan.steps[0].change), (SetDomain{"guest1", domain_xml()}));
  EXPECT_EQ(std::get<SetDomain>(*plan.steps[0].undo), (SetDomain{"guest1", std::nullopt}));
  EXPECT_THAT(plan.assumes, ElementsAre(Assumption{Assumption::Kind::Domain, "guest1", "absent"}));
  EXPECT_THAT(
      plan.notes,
      ElementsAre(
          "after a reboot: gpupass bind 0000:65:00.0, before the guest starts; gpupass bind --persist "
          "0000:65:00.0 makes every boot do it"));
}

TEST(PlanDefine, WithStartBindsFirstAndStartsLast) {
  const Plan plan =
      plan_define(one_card().build(), "guest1", domain_xml(), placed({kGpu}), nullptr, Start::Yes);
  const auto steps = summaries(plan);
  ASSERT_EQ(steps.size(), 9u + 2);
  EXPECT_EQ(steps.front(), "load vfio-pci");
  EXPECT_EQ(steps[9], "define guest guest1");
  EXPECT_EQ(steps[10], "start guest guest1");
  EXPECT_EQ(std::get<SetPower>(*plan.steps[10].undo), (SetPower{"guest1", false}));
}

TEST(PlanDefine, WithStartOfABoundGpuAssumesThatItStaysSo) {
  const Plan plan = plan_define(bound_card(), "guest1", domain_xml(), placed({kGpu}), nullptr, Start::Yes);
  EXPECT_THAT(summaries(plan), ElementsAre("define guest guest1", "start guest guest1"));
  EXPECT_THAT(plan.assumes, Contains(Assumption{Assumption::Kind::Link,
                                                "/sys/bus/pci/devices/0000:65:00.0/driver", "vfio-pci"}));
}

/// A NIC of two ports beside the card, each port in a group of its own.
Host card_and_nic() {
  return one_card()
      .function("0000:66:00.0", 0x020000, "mlx5_core")
      .function("0000:66:00.1", 0x020000, "mlx5_core")
      .group(7, {"0000:66:00.0"})
      .group(8, {"0000:66:00.1"})
      .build();
}

Placement placed_with_nic() {
  Placement placement = placed({kGpu});
  placement.devices = {kNic};
  return placement;
}

TEST(PlanDefine, WithStartBindsWhatGoesAlongWithItsWholeClosure) {
  const Plan plan =
      plan_define(card_and_nic(), "guest1", domain_xml(), placed_with_nic(), nullptr, Start::Yes);
  const auto steps = summaries(plan);
  for (const char* function : {"0000:65:00.0", "0000:65:00.1", "0000:66:00.0", "0000:66:00.1"})
    EXPECT_THAT(steps, Contains(fmt::format("bind {} to vfio-pci", function)));
  EXPECT_EQ(steps.back(), "start guest guest1");
  EXPECT_THAT(plan.assumes, Contains(Assumption{Assumption::Kind::Link,
                                                "/sys/bus/pci/devices/0000:66:00.1/driver", "mlx5_core"}));
  EXPECT_THAT(plan.notes, Contains(HasSubstr("0000:66:00.0 leaves its driver mlx5_core")));
  EXPECT_THAT(plan.notes, Contains(HasSubstr("0000:66:00.0 must be on vfio-pci")));
}

TEST(PlanDefine, WithStartGuardsWhatGoesAlong) {
  const auto refusal = [](Host host) {
    return code_of(
        [&] { plan_define(host, "guest1", domain_xml(), placed_with_nic(), nullptr, Start::Yes); });
  };
  Host shared = card_and_nic();  // With a disk that the host uses.
  shared.functions.push_back(
      HostBuilder().function("0000:67:00.0", 0x010802, "nvme").build().functions.front());
  shared.functions.back().iommu_group = 7u;
  std::ranges::find(*shared.groups, 7u, &IommuGroup::id)->members.push_back(address("0000:67:00.0"));
  EXPECT_EQ(refusal(shared), ErrorCode::Refused);
  Host sliced = card_and_nic();
  std::ranges::find(sliced.functions, kNic, &PciFunction::address)->sriov = Sriov{8, 2};
  EXPECT_EQ(refusal(sliced), ErrorCode::Refused);
  Host taken = card_and_nic();
  Domain other;
  other.name = "other";
  other.active = true;
  other.live_devices = {kNic};
  taken.domains = std::vector<Domain>{other};
  EXPECT_EQ(refusal(taken), ErrorCode::Refused);
}

TEST(PlanDefine, TellsWhoElseIsDefinedWithWhatGoesAlong) {
  Host host = card_and_nic();
  Domain other;
  other.name = "other";
  other.persistent_devices = {kNic};
  host.domains = std::vector<Domain>{other};
  EXPECT_THAT(plan_define(host, "guest1", domain_xml(), placed_with_nic(), nullptr, Start::No).notes,
              Contains(HasSubstr("guest other is defined with 0000:66:00.0 too")));
}

TEST(PlanDefine, OfAnExistingGuestKeepsItsUuidAndItsDefinitionForUndo) {
  const std::string present =
      "<domain>\n  <name>guest1</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>\n</domain>";
  const DomainXml existing = guest1("", present);
  const Plan plan = plan_define(one_card().build(), "guest1", domain_xml(), placed({}), &existing, Start::No);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(
      *std::get<SetDomain>(plan.steps[0].change).xml,
      "<domain type='kvm'>\n  <uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>\n  <name>guest1</name>\n"
      "  <devices></devices>\n</domain>\n");
  EXPECT_EQ(*std::get<SetDomain>(*plan.steps[0].undo).xml, present);
  EXPECT_THAT(plan.assumes,
              ElementsAre(Assumption{Assumption::Kind::Domain, "guest1", fingerprint(&existing)}));
}

TEST(PlanDefine, OfTheSameDefinitionWhileItRunsIsEmpty) {
  const DomainXml existing = guest1(domain_xml(), domain_xml());
  EXPECT_EQ(plan_define(bound_card(), "guest1", domain_xml(), placed({kGpu}), &existing, Start::Yes), Plan{});
}

TEST(PlanDefine, OfAnotherDefinitionWhileItRunsCountsFromTheNextStart) {
  const DomainXml existing = guest1(domain_xml(), domain_xml());
  const Plan plan =
      plan_define(bound_card(), "guest1", domain_xml(" "), placed({kGpu}), &existing, Start::Yes);
  EXPECT_THAT(summaries(plan), ElementsAre("redefine guest guest1"));
  EXPECT_THAT(plan.notes, Contains(HasSubstr("next start")));
}

TEST(PlanDefine, OfARunningTransientGuestMakesItPersistent) {
  const DomainXml existing = guest1(domain_xml(), "");
  const Plan plan = plan_define(one_card().build(), "guest1", domain_xml(), placed({}), &existing, Start::No);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_FALSE(std::get<SetDomain>(*plan.steps[0].undo).xml);
}

TEST(PlanDefine, StartsNothingWithAGpuThatAnotherGuestHas) {
  Host host = bound_card();
  Domain other;
  other.name = "other";
  other.active = true;
  other.live_devices = {kGpu};
  host.domains = std::vector<Domain>{other};
  const auto define = [&](Start start) {
    return plan_define(host, "guest1", domain_xml(), placed({kGpu}), nullptr, start);
  };
  EXPECT_EQ(code_of([&] { define(Start::Yes); }), ErrorCode::Refused);
  EXPECT_EQ(define(Start::No).steps.size(), 1u);
}

TEST(PlanDefine, RefusesXmlOfAnotherGuestOrOfNone) {
  for (const std::string& xml : {std::string("<domain><name>other</name></domain>"), std::string("<domain/>"),
                                 std::string("nonsense"), std::string()})
    EXPECT_EQ(
        code_of([&] { plan_define(one_card().build(), "guest1", xml, placed({}), nullptr, Start::No); }),
        ErrorCode::Malformed)
        << xml;
}

// --- attach ---

TEST(PlanAttach, BindsAndGivesAllFunctionsOfTheCardInBothDefinitions) {
  const Plan plan = plan_attach(one_card().build(), guest1(domain_xml(), domain_xml()), {kGpu}, {});
  const auto steps = summaries(plan);
  ASSERT_EQ(steps.size(), 9u + 5);
  EXPECT_THAT(std::vector(steps.begin() + 9, steps.end()),
              ElementsAre("record in the definition of guest guest1 which GPUs are meant",
                          "attach 0000:65:00.0 to the definition of guest guest1",
                          "attach 0000:65:00.1 to the definition of guest guest1",
                          "attach 0000:65:00.0 to guest guest1 while it runs",
                          "attach 0000:65:00.1 to guest guest1 while it runs"));
  const auto& given = std::get<SetDevice>(plan.steps[10].change);
  EXPECT_EQ(given, (SetDevice{"guest1", kGpu, Scope::Config, true, hostdev_xml(kGpu), 60}));
  EXPECT_FALSE(std::get<SetDevice>(*plan.steps[10].undo).present);
  EXPECT_THAT(plan.notes, Contains(HasSubstr("after a reboot")));
}

std::string with_expanders(const std::string& devices = {}) {
  return "<domain type='kvm'>\n  <name>guest1</name>\n  <numatune>"
         "<memnode cellid='0' mode='strict' nodeset='1'/><memnode cellid='1' mode='strict' "
         "nodeset='0'/></numatune>"
         "<devices><controller type='pci' index='1' model='pcie-root-port'/>"
         "<controller type='pci' index='2' model='pcie-expander-bus'><target "
         "busNr='128'><node>0</node></target>"
         "</controller>"
         "<controller type='pci' index='3' model='pcie-expander-bus'><target "
         "busNr='192'><node>1</node></target>"
         "</controller>"
         "<controller type='pci' index='4' model='pcie-root-port'><address type='pci' "
         "bus='0x02'/></controller>"
         "<controller type='pci' index='5' model='pcie-root-port'><address type='pci' "
         "bus='0x03'/></controller>"
         "<controller type='pci' index='6' model='pcie-root-port'><address type='pci' "
         "bus='0x03'/></controller>" +
         devices + "</devices>\n</domain>\n";
}

Host gpus_on_node_zero() {
  return HostBuilder()
      .gpu("0000:65:00.0", "vfio-pci")
      .with([](PciFunction& gpu) { gpu.numa_node = 0; })
      .gpu("0000:66:00.0", "vfio-pci")
      .with([](PciFunction& gpu) { gpu.numa_node = 0; })
      .audio("0000:66:00.1", "vfio-pci")
      .with([](PciFunction& gpu) { gpu.numa_node = 0; })
      .group(5, {"0000:65:00.0"})
      .group(6, {"0000:66:00.0", "0000:66:00.1"})
      .build();
}

/// "bus.function" of each device that is given, with "+" where more functions follow; "-" without a slot.
std::vector<std::string> slots(const Plan& plan) {
  std::vector<std::string> result;
  for (const Step& step : plan.steps) {
    if (!std::holds_alternative<SetDevice>(step.change)) continue;
    pugi::xml_document document;
    document.load_string(std::get<SetDevice>(step.change).xml.c_str());
    const pugi::xml_node address = document.document_element().child("address");
    result.push_back(!address ? "-"
                              : fmt::format("{}.{}{}", address.attribute("bus").as_uint(),
                                            address.attribute("function").as_uint(),
                                            address.attribute("multifunction") ? "+" : ""));
  }
  return result;
}

TEST(PlanAttach, PlugsTheCardIntoAPortOfItsNode) {
  const std::vector<DeviceId> both = {kGpu, kNic};
  const DomainXml guest = guest1(with_expanders(), with_expanders());
  EXPECT_THAT(slots(plan_attach(gpus_on_node_zero(), guest, both, {})),
              ElementsAre("5.0", "6.0+", "6.1", "5.0", "6.0", "1.0"))
      << "a card of several functions cannot be plugged into one slot of a guest that runs";
  const std::string full =
      with_expanders("<rng><address type='pci' bus='5'/></rng><rng><address bus='0x6'/></rng>");
  EXPECT_THAT(slots(plan_attach(gpus_on_node_zero(), guest1(full, ""), {kGpu}, {})), ElementsAre("1.0"));
  EXPECT_THAT(slots(plan_attach(gpus_on_node_zero(), guest1("", full), {kGpu}, {})), ElementsAre("-"));
  EXPECT_THAT(slots(plan_attach(gpus_on_node_zero(), guest1(domain_xml(), ""), {kGpu}, {})),
              ElementsAre("-"));
}

std::string with_ports(const std::string& ports, const std::string& devices = {}) {
  return domain_xml("<controller type='pci' index='0' model='pcie-root'/>" + ports + devices);
}
constexpr const char* kPort1 =
    "<controller type='pci' index='1' model='pcie-root-port'><address bus='0'/></controller>";
constexpr const char* kPort2 =
    "<controller type='pci' index='2' model='pcie-root-port'><address bus='0'/></controller>";

TEST(PlanAttach, TellsThatARunningGuestSeesACardInPieces) {
  const std::string free = with_ports(std::string(kPort1) + kPort2);
  const Plan plan = plan_attach(bound_card(), guest1(free, free), {kGpu}, {});
  EXPECT_THAT(slots(plan), ElementsAre("-", "-", "1.0", "2.0"));
  EXPECT_THAT(
      plan.notes,
      Contains("while it runs, guest1 has 0000:65:00.0 and 0000:65:00.1 in slots of their own: libvirt "
               "plugs in one function at a time"));
}

/// `definition`, where firmware keeps so many bytes of a kind for a port.
std::string keeping(std::string definition, const char* port, const char* kind, std::uint64_t bytes) {
  const std::string kept = fmt::format(
      "<q:override xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:device alias='{}'><q:frontend>"
      "<q:property name='{}' type='unsigned' value='{}'/></q:frontend></q:device></q:override>",
      port, kind, bytes);
  return definition.insert(definition.rfind("</domain>"), kept);
}

TEST(PlanAttach, PlugsIntoARunningGuestWhereItHasAddressesForTheMemory) {
  Host host = gpus_on_node_zero();
  const std::string free = with_ports(std::string(kPort1) + kPort2);
  const auto given = [&](const std::string& definition, const Bar& bar) {
    host.functions[0].bars = std::vector<Bar>{bar};  // kGpu
    const Plan plan = plan_attach(host, guest1(definition, ""), {kGpu}, {});
    const bool told = std::ranges::any_of(plan.notes, [](const std::string& note) {
      return note.find("has reserved no addresses for the memory of 0000:65:00.0") != note.npos;
    });
    return slots(plan).front() + (told ? " without" : " with");
  };
  const Bar registers{0, 0, 16 * kMiB, true, false, false}, memory{1, 0, 256 * kMiB, true, true, true};
  const Bar ports{5, 0, 128, false, false, false}, small{5, 0, kMiB, true, false, false};
  EXPECT_EQ(given(free, registers), "1.0 without");
  EXPECT_EQ(given(free, small), "1.0 with") << "firmware keeps that much unasked";
  EXPECT_EQ(given(free, ports), "1.0 with");
  EXPECT_EQ(given(keeping(free, "pci.2", "mem-reserve", 32 * kMiB), registers), "2.0 with");
  EXPECT_EQ(given(keeping(free, "pci.2", "mem-reserve", 16 * kMiB), registers), "2.0 without")
      << "it may begin anywhere, and is the best there is";
  EXPECT_EQ(given(keeping(free, "pci.2", "mem-reserve", UINT64_MAX), registers), "1.0 without")
      << "QEMU's word for unasked";
  EXPECT_EQ(given(keeping(free, "pci.2", "mem-reserve", 32 * kMiB), small), "1.0 with")
      << "another needs that room";
  EXPECT_EQ(given(keeping(free, "pci.2", "mem-reserve", 512 * kMiB), memory), "2.0 without")
      << "the wrong kind";
  EXPECT_EQ(given(keeping(free, "pci.2", "pref64-reserve", 512 * kMiB), memory), "2.0 with");
  EXPECT_EQ(given(keeping(free, "pci.3", "pref64-reserve", 512 * kMiB), memory), "1.0 without");
  EXPECT_EQ(given(keeping(with_expanders(), "pci.1", "pref64-reserve", 512 * kMiB), memory), "1.0 with")
      << "addresses before locality";
  EXPECT_EQ(given(keeping(with_expanders(), "pci.5", "mem-reserve", 32 * kMiB), small), "6.0 with");
  host.functions[0].bars = Unknown{"why"};
  EXPECT_THAT(
      slots(plan_attach(host, guest1(keeping(free, "pci.2", "mem-reserve", 32 * kMiB), ""), {kGpu}, {})),
      ElementsAre("2.0"))
      << "nobody knows what it needs";
}

TEST(PlanAttach, IsRefusedBeforeAnythingIsBoundWhenTheRunningGuestHasNoPortsLeft) {
  const auto refused = [](const std::string& definition) {
    try {
      plan_attach(one_card().build(), guest1(definition, definition), {kGpu}, {});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Refused);
      EXPECT_EQ(error.hint(), "--config gives them to its next start");
      return std::string(error.what());
    }
    return std::string("not refused");
  };
  const std::string one =
      "cannot attach to guest1: saw 1 free PCI Express port in the running guest, expected 2: one for each "
      "function";
  EXPECT_EQ(refused(with_ports(kPort1)), one);
  EXPECT_EQ(refused(with_ports(std::string(kPort1) + kPort2, "<rng><address type='pci' bus='0x02'/></rng>")),
            one);
  EXPECT_EQ(
      refused(with_ports(std::string(kPort1) + "<controller type='pci' index='2' model='pcie-root-port'>"
                                               "<target hotplug='off'/></controller>")),
      one);
  EXPECT_THAT(refused(with_ports("")), HasSubstr("saw 0 free PCI Express ports"));
  EXPECT_EQ(refused(with_ports(std::string(kPort1) + kPort2)), "not refused");
}

TEST(PlanAttach, TellsThatAPausedGuestSeesNothingNew) {
  DomainXml guest = guest1(domain_xml(), "");
  guest.paused = true;
  EXPECT_THAT(plan_attach(bound_card(), guest, {kGpu}, {}).notes,
              Contains("guest1 is paused: it sees the new devices only after it is resumed"));
}

TEST(PlanAttach, WhereNothingIsSaidGoesWhereItApplies) {
  EXPECT_EQ(plan_attach(bound_card(), guest1(domain_xml(), ""), {kGpu}, {}).steps.size(), 2u);
  EXPECT_EQ(plan_attach(bound_card(), guest1("", domain_xml()), {kGpu}, {}).steps.size(), 3u);
}

TEST(PlanAttach, WhatCannotBeIsRefused) {
  const AttachOptions live{.definitions = Definitions::Live}, config{.definitions = Definitions::Config};
  EXPECT_EQ(code_of([&] { plan_attach(bound_card(), guest1("", domain_xml()), {kGpu}, live); }),
            ErrorCode::Refused);
  EXPECT_EQ(code_of([&] { plan_attach(bound_card(), guest1(domain_xml(), ""), {kGpu}, config); }),
            ErrorCode::Refused);
}

TEST(PlanAttach, OfWhatIsAttachedIsEmpty) {
  const std::string with = domain_xml(hostdev_xml(kGpu) + hostdev_xml(kAudio));
  EXPECT_EQ(plan_attach(bound_card(), guest1(with, with), {kGpu}, {}), Plan{});
  const Plan rest = plan_attach(bound_card(), guest1(domain_xml(hostdev_xml(kGpu)), with), {kGpu}, {});
  EXPECT_THAT(summaries(rest), ElementsAre("attach 0000:65:00.1 to guest guest1 while it runs"));
}

TEST(PlanAttach, GivesOnlyTheCardNotThePeersOfItsGroup) {
  const Host host = HostBuilder()
                        .gpu("0000:65:00.0")
                        .function("0000:66:00.0", 0x020000, "vfio-pci")
                        .group(5, {"0000:65:00.0", "0000:66:00.0"})
                        .build();
  const Plan plan = plan_attach(host, guest1("", domain_xml()), {kGpu}, {});
  EXPECT_THAT(summaries(plan), Not(Contains(HasSubstr("attach 0000:66:00.0"))));
}

TEST(PlanAttach, OfWhatAnotherGuestHasIsRefused) {
  Host host = bound_card();
  Domain other;
  other.name = "other";
  other.active = true;
  other.live_devices = {kAudio};
  host.domains = std::vector<Domain>{other};
  EXPECT_EQ(code_of([&] { plan_attach(host, guest1(domain_xml(), ""), {kGpu}, {}); }), ErrorCode::Refused);
  host.domains = std::vector<Domain>{};
  host.holders->push_back({5, 99, "qemu"});
  EXPECT_EQ(code_of([&] { plan_attach(host, guest1(domain_xml(), ""), {kGpu}, {}); }), ErrorCode::Refused);
}

TEST(PlanAttach, TheGuestThatHasOneFunctionMayHaveTheOther) {
  Host host = bound_card();
  Domain self;
  self.name = "guest1";
  self.active = true;
  self.live_devices = {kGpu};
  host.domains = std::vector<Domain>{self};
  host.holders->push_back({5, 99, "qemu"});
  const DomainXml guest = guest1(domain_xml(hostdev_xml(kGpu)), "");
  EXPECT_EQ(plan_attach(host, guest, {kGpu}, {}).steps.size(), 1u);
}

TEST(PlanAttach, TellsOfOtherGuestsThatWantIt) {
  Host host = bound_card();
  Domain other;
  other.name = "other";
  other.persistent_devices = {kGpu};
  host.domains = std::vector<Domain>{other};
  EXPECT_THAT(plan_attach(host, guest1("", domain_xml()), {kGpu}, {}).notes,
              Contains(HasSubstr("guest other")));
}

// --- detach ---

TEST(PlanDetach, TakesTheCompanionsBeforeTheGpuWhereverTheyAre) {
  const std::string with = domain_xml(hostdev_xml(kGpu) + hostdev_xml(kAudio));
  const Plan plan = plan_detach(bound_card(), guest1(with, with), {kGpu}, {Definitions::All, 7, {}});
  EXPECT_THAT(summaries(plan), ElementsAre("detach 0000:65:00.1 from the definition of guest guest1",
                                           "detach 0000:65:00.0 from the definition of guest guest1",
                                           "detach 0000:65:00.1 from guest guest1 while it runs",
                                           "detach 0000:65:00.0 from guest guest1 while it runs"));
  EXPECT_EQ(std::get<SetDevice>(plan.steps[3].change).timeout_seconds, 7u);
  EXPECT_THAT(plan.notes, ElementsAre(HasSubstr("gpupass release 0000:65:00.0")));
}

TEST(PlanDetach, UndoesToTheVeryElementThatWasThere) {
  const std::string element =
      "<hostdev mode='subsystem' type='pci' managed='no'><source><address domain='0' bus='0x65' slot='0' "
      "function='0'/>"
      "</source><rom bar='off'/><address type='pci' bus='0x05'/></hostdev>";
  const Plan plan = plan_detach(bound_card(), guest1("", domain_xml(element)), {kGpu}, {});
  ASSERT_EQ(plan.steps.size(), 1u);
  const auto& undo = std::get<SetDevice>(*plan.steps[0].undo);
  EXPECT_TRUE(undo.present);
  EXPECT_THAT(undo.xml, HasSubstr("rom bar=\"off\""));
  EXPECT_THAT(undo.xml, HasSubstr("bus=\"0x05\""));
}

TEST(PlanDetach, OfWhatTheGuestDoesNotHaveIsEmpty) {
  EXPECT_EQ(plan_detach(bound_card(), guest1(domain_xml(), domain_xml()), {kGpu}, {}), Plan{});
}

TEST(PlanDetach, FromAPausedGuestIsRefusedUnlessItIsAboutItsDefinition) {
  const std::string with = domain_xml(hostdev_xml(kGpu));
  DomainXml guest = guest1(with, with);
  guest.paused = true;
  EXPECT_EQ(code_of([&] { plan_detach(bound_card(), guest, {kGpu}, {}); }), ErrorCode::Refused);
  EXPECT_EQ(plan_detach(bound_card(), guest, {kGpu}, {.definitions = Definitions::Config}).steps.size(), 1u);
  guest.live_xml = domain_xml();
  EXPECT_EQ(plan_detach(bound_card(), guest, {kGpu}, {}).steps.size(), 1u) << "it does not run with it";
}

/// Seen with libvirt 9.0: "cannot hot unplug hostdev device with multifunction PCI guest address".
TEST(PlanDetach, OfACardThatIsInOneSlotOfARunningGuestIsRefused) {
  const auto in_slot = [](unsigned function) {
    return GuestSlot{PciAddress{0, 6, 0, static_cast<std::uint8_t>(function)}, function == 0};
  };
  const std::string with = domain_xml(hostdev_xml(kGpu, in_slot(0)) + hostdev_xml(kAudio, in_slot(1)));
  try {
    plan_detach(bound_card(), guest1(with, with), {kGpu}, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Refused);
    EXPECT_THAT(error.what(), HasSubstr("in one slot of the guest with another function"));
    EXPECT_THAT(error.hint(), HasSubstr("--config"));
  }
  EXPECT_EQ(plan_detach(bound_card(), guest1(with, with), {kGpu}, {.definitions = Definitions::Config})
                .steps.size(),
            2u);
  const std::string apart = domain_xml(hostdev_xml(kGpu, GuestSlot{PciAddress{0, 6, 0, 0}, false}) +
                                       hostdev_xml(kAudio, GuestSlot{PciAddress{0, 7, 0, 0}, false}));
  EXPECT_EQ(plan_detach(bound_card(), guest1(apart, ""), {kGpu}, {}).steps.size(), 2u);
}

TEST(PlanDetach, FromTheLiveDefinitionOfAGuestThatIsOffIsRefused) {
  EXPECT_EQ(code_of([&] {
              plan_detach(bound_card(), guest1("", domain_xml()), {kGpu}, {.definitions = Definitions::Live});
            }),
            ErrorCode::Refused);
}

TEST(PlanGuest, PutsNoMediatedDeviceInThePlaceOfAGpu) {
  const DeviceId mediated = *DeviceId::parse("c73f1fa6-489e-4834-9476-d70dabd98c40");
  const Host host = bound_card();
  const Error error =
      error_of([&] { plan_define(host, "guest1", domain_xml(), placed({mediated}), nullptr, Start::No); });
  EXPECT_EQ(error.code(), ErrorCode::Refused);
  EXPECT_EQ(error.subject(), mediated.to_string());
}

}  // namespace
}  // namespace gpupass::plan_guest_test
