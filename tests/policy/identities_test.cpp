// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/check/identities.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/json.hpp"
#include "gpupass/policy.hpp"
#include "guest/edit/hostdev.hpp"
#include "policy/plan/rebind.hpp"
#include "support/host_builder.hpp"

namespace gpupass::identities_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const PciAddress kFirst = address("0000:65:00.0");
const PciAddress kSecond = address("0000:66:00.0");

/// Two GPUs of one model, each in a slot of its own; `first` and `second` are their serial numbers.
Host two_gpus(const std::string& first, const std::string& second) {
  Host host = HostBuilder()
                  .gpu("0000:65:00.0")
                  .group(5, {"0000:65:00.0"})
                  .gpu("0000:66:00.0")
                  .group(6, {"0000:66:00.0"})
                  .build();
  for (PciFunction& function : host.functions) {
    if (function.address != kFirst && function.address != kSecond) continue;
    function.root_bus = "pci0000:" + std::string(function.address == kFirst ? "65" : "66");
    function.parent = Absent{};
    function.config = PciConfig{};
    const std::string& serial = function.address == kFirst ? first : second;
    function.config->serial = serial.empty() ? Fact<std::string>(Absent{}) : Fact<std::string>(serial);
  }
  return host;
}

std::string guest_with(const std::string& attributes) {
  return "<domain type='kvm'><name>guest1</name><metadata><g:vm xmlns:g='urn:gpupass:domain:1'><g:gpu "
         "address='0000:65:00.0' " +
         attributes + "/></g:vm></metadata><devices>" + hostdev_xml(kFirst) + "</devices></domain>";
}

constexpr const char* kModel = "vendor='10de' device='2330'";
constexpr const char* kSerial = "vendor='10de' device='2330' serial='00000000000000aa'";

std::vector<Finding> findings(const Host& host, const std::string& attributes) {
  return check_domain(host, guest_with(attributes));
}

TEST(CheckIdentity, FindsNothingWhereTheDeviceIsThere) {
  EXPECT_THAT(findings(two_gpus("00000000000000aa", "00000000000000bb"), kSerial), IsEmpty());
  EXPECT_THAT(findings(two_gpus("", ""), kModel), IsEmpty());
  EXPECT_THAT(findings(two_gpus("", ""), std::string(kModel) + " path='pci0000:65/00.0'"), IsEmpty());
  EXPECT_THAT(findings(two_gpus("00000000000000aa", ""), std::string(kSerial) + " path='pci0000:99/00.0'"),
              IsEmpty())
      << "its address has stayed although the path has another name";
}

TEST(CheckIdentity, TellsWhereTheDeviceIsNow) {
  const auto found = findings(two_gpus("00000000000000bb", "00000000000000aa"), kSerial);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, "device.identity");
  EXPECT_EQ(found[0].verdict, Verdict::Fail);
  EXPECT_EQ(found[0].subject, "0000:65:00.0");
  EXPECT_EQ(found[0].message,
            "0000:65:00.0 of guest guest1 was 10de:2330 (serial number 00000000000000aa), which is now at "
            "0000:66:00.0; "
            "10de:2330 (serial number 00000000000000bb) is there now");
  EXPECT_EQ(found[0].remedy, "gpupass define guest1 --from guest1 --gpu 0000:66:00.0");
}

TEST(CheckIdentity, TellsWhereTheDeviceIsNowWhenItsAddressIsFree) {
  Host host = two_gpus("", "00000000000000aa");
  std::erase_if(host.functions, [](const PciFunction& function) { return function.address == kFirst; });
  const auto found = findings(host, kSerial);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, "device.identity");
  EXPECT_THAT(found[0].message, HasSubstr("now at 0000:66:00.0; nothing is there now"));
}

TEST(CheckIdentity, OfADeviceThatIsNowhereSaysSo) {
  const auto found = findings(two_gpus("00000000000000bb", "00000000000000cc"), kSerial);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].verdict, Verdict::Fail);
  EXPECT_THAT(found[0].message, HasSubstr("; 10de:2330 (serial number 00000000000000bb) is there now"));
  EXPECT_EQ(found[0].remedy,
            "name the right GPU: gpupass define guest1 --from guest1 --gpu GPU; "
            "or remove it with gpupass detach guest1 0000:65:00.0");
  Host host = two_gpus("", "");
  std::erase_if(host.functions, [](const PciFunction& function) { return function.address == kFirst; });
  ASSERT_EQ(findings(host, kSerial).size(), 1u);
  EXPECT_EQ(findings(host, kSerial)[0].id, "domain.device-missing");
}

/// One more card or disk moves all addresses behind it: the first of the guest's GPUs is where its second
/// was.
TEST(CheckIdentity, OffersAllGpusWhereAllHaveMoved) {
  Host host = two_gpus("0000000000000001", "00000000000000aa");
  PciFunction third = *find_function(host, kSecond);
  third.address = address("0000:67:00.0");
  third.config->serial = std::string("00000000000000bb");
  host.functions.push_back(third);
  const std::string guest =
      "<domain type='kvm'><name>guest1</name><metadata><g:vm xmlns:g='urn:gpupass:domain:1'>"
      "<g:gpu address='0000:65:00.0' vendor='10de' device='2330' serial='00000000000000aa'/>"
      "<g:gpu address='0000:66:00.0' vendor='10de' device='2330' "
      "serial='00000000000000bb'/></g:vm></metadata><devices>" +
      hostdev_xml(kFirst) + hostdev_xml(kSecond) + "</devices></domain>";
  const auto found = check_domain(host, guest);
  ASSERT_EQ(found.size(), 2u);
  for (const Finding& finding : found)
    EXPECT_EQ(finding.remedy, "gpupass define guest1 --from guest1 --gpu 0000:66:00.0 --gpu 0000:67:00.0");
  host.functions.pop_back();
  EXPECT_EQ(check_domain(host, guest)[1].remedy,
            "name the right GPU: gpupass define guest1 --from guest1 --gpu 0000:66:00.0 --gpu GPU; "
            "or remove it with gpupass detach guest1 0000:66:00.0");
}

TEST(CheckIdentity, OffersOtherDevicesToo) {
  Host host = two_gpus("00000000000000aa", "00000000000000bb");
  for (PciFunction& function : host.functions)
    if (function.address == kSecond) function.class_code = 0x020000;
  const std::string guest =
      "<domain type='kvm'><name>guest1</name><metadata><g:vm xmlns:g='urn:gpupass:domain:1'>"
      "<g:device address='0000:67:00.0' serial='00000000000000bb'/></g:vm></metadata><devices>" +
      hostdev_xml(kFirst) + hostdev_xml(address("0000:67:00.0")) + "</devices></domain>";
  const auto found = check_domain(host, guest);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].remedy, "gpupass define guest1 --from guest1 --gpu 0000:65:00.0 --device 0000:66:00.0");
}

TEST(CheckIdentity, OfAnotherModelSaysSo) {
  const auto found = findings(two_gpus("", ""), "vendor='10de' device='20b0'");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].verdict, Verdict::Fail);
}

/// Without serial numbers only the slot tells one card from another of its model.
TEST(CheckIdentity, OfCardsThatAreAlikeGoesByTheSlotAndDoesNotGuess) {
  const auto moved = findings(two_gpus("", ""), std::string(kModel) + " path='pci0000:66/00.0'");
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0].verdict, Verdict::Fail);
  EXPECT_THAT(moved[0].message, HasSubstr("which is now at 0000:66:00.0"));
  const auto unsure = findings(two_gpus("", ""), std::string(kModel) + " path='pci0000:77/00.0'");
  ASSERT_EQ(unsure.size(), 1u);
  EXPECT_EQ(unsure[0].verdict, Verdict::Unknown);
  EXPECT_THAT(unsure[0].message, HasSubstr("it is not known whether it is the same device"));
  const auto twice = findings(two_gpus("00000000000000aa", "00000000000000aa"), kSerial);
  EXPECT_THAT(twice, IsEmpty()) << "a serial number that two have is still that of the one that is there";
  const Host host = two_gpus("00000000000000aa", "00000000000000aa");
  Identity recorded;
  recorded.serial = "00000000000000aa";
  EXPECT_EQ(moved_to(host, address("0000:01:00.0"), recorded), std::nullopt) << "which of the two?";
}

Host with_guest(Host host, const std::string& attributes) {
  Domain guest;
  guest.name = "guest1";
  guest.persistent = true;
  guest.persistent_devices = {kFirst};
  guest.persistent_xml = guest_with(attributes);
  host.domains = std::vector<Domain>{guest};
  return host;
}

TEST(CheckIdentity, OfAGpuIsToldByCheckAndByBind) {
  const Host host = with_guest(two_gpus("00000000000000bb", "00000000000000aa"), kSerial);
  const auto is_identity = [](const Finding& finding) { return finding.id == "device.identity"; };
  EXPECT_EQ(std::ranges::count_if(check(host, {kFirst}), is_identity), 1);
  EXPECT_EQ(std::ranges::count_if(check(host, {kSecond}), is_identity), 1)
      << "it is the one that the guest means";
  EXPECT_EQ(std::ranges::count_if(check(host, {kFirst, kSecond}), is_identity), 1);
  EXPECT_EQ(std::ranges::count_if(check(host, {}), is_identity), 0);
  EXPECT_THAT(plan_bind(host, {kFirst}).notes, Contains(HasSubstr("which is now at 0000:66:00.0")));
}

TEST(PlanBind, RecordsWhichDeviceItIs) {
  Host host = two_gpus("00000000000000aa", "");
  for (const Step& step : plan_bind(host, {kFirst}).steps)
    if (const auto* home = std::get_if<SetHome>(&step.change)) {
      EXPECT_EQ(home->home->identity.serial, "00000000000000aa");
      EXPECT_EQ(home->home->identity.path, "pci0000:65/00.0");
      host.homes = std::vector<Home>{*home->home};
    }
  ASSERT_EQ(host.homes->size(), 1u);
  EXPECT_NE(home_of(host, *find_function(host, kFirst)), nullptr);
  host.homes->front().identity.serial = "00000000000000bb";
  EXPECT_EQ(home_of(host, *find_function(host, kFirst)), nullptr) << "another card of the same model";
}

TEST(PlanBind, RecordsNoSubsystemOfZeros) {
  Host host = two_gpus("00000000000000aa", "");
  for (PciFunction& function : host.functions)
    function.subsystem_vendor = function.subsystem_device = std::uint16_t{0};
  const Plan plan = plan_bind(host, {kFirst});
  EXPECT_EQ(plan_from_json(to_json(plan)), plan);
  for (const Step& step : plan.steps)
    if (const auto* home = std::get_if<SetHome>(&step.change)) {
      EXPECT_EQ(home->home->identity.subsystem_vendor, std::nullopt);
    }
}

DomainXml defined(const std::string& xml) {
  return {"guest1", false, true, false, "", xml};
}

TEST(PlanAttach, RecordsWhichGpuIsMeantAndDetachForgetsIt) {
  const Host host = two_gpus("", "00000000000000aa");
  const Plan plan =
      plan_attach(host, defined("<domain><name>guest1</name><devices/></domain>"), {kSecond}, {});
  const auto step = std::ranges::find_if(
      plan.steps, [](const Step& each) { return std::holds_alternative<SetMetadata>(each.change); });
  ASSERT_NE(step, plan.steps.end());
  EXPECT_THAT(std::get<SetMetadata>(step->change).xml,
              HasSubstr("serial=\"00000000000000aa\" path=\"pci0000:66/00.0\""));
  EXPECT_EQ(std::get<SetMetadata>(*step->undo).xml, "");

  const Plan back = plan_detach(host, defined(guest_with(kModel)), {kFirst}, {});
  ASSERT_EQ(back.steps.size(), 2u);
  EXPECT_EQ(std::get<SetMetadata>(back.steps[1].change).xml, "");
}

TEST(PlanAttach, OfWhatTheDefinitionHasButMeantAnotherDeviceIsRefused) {
  const Host host = two_gpus("00000000000000bb", "00000000000000aa");
  try {
    plan_attach(host, defined(guest_with(kSerial)), {kFirst}, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Refused);
    EXPECT_THAT(error.hint(), HasSubstr("gpupass define guest1 --from guest1 --gpu 0000:66:00.0"));
  }
}

}  // namespace
}  // namespace gpupass::identities_test
