// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/policy.hpp"
#include "support/two_sockets.hpp"

namespace gpupass::check_domain_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

/// Cell 0 on node 1, cell 1 on node 0: guest cells and host nodes are different numbers. Each cell has an
/// expander with two ports and its node's GPU below the first one.
constexpr std::string_view kSound = R"(<domain type='kvm'>
  <name>guest1</name>
  <memory unit='GiB'>6</memory>
  <memoryBacking><hugepages>
    <page size='1' unit='GiB' nodeset='0'/><page size='2048' unit='KiB' nodeset='1'/>
  </hugepages></memoryBacking>
  <vcpu placement='static' cpuset='0-31,^5'>4</vcpu>
  <cputune>
    <vcpupin vcpu='0' cpuset='8'/><vcpupin vcpu='1' cpuset='24'/>
    <vcpupin vcpu='2' cpuset='1'/><vcpupin vcpu='3' cpuset='17'/>
    <emulatorpin cpuset='0,16'/><iothreadpin iothread='1' cpuset='31'/>
  </cputune>
  <numatune>
    <memory mode='strict' nodeset='0-1'/>
    <memnode cellid='0' mode='strict' nodeset='1'/><memnode cellid='1' mode='strict' nodeset='0'/>
  </numatune>
  <cpu><numa>
    <cell id='0' cpus='0-1' memory='4' unit='GiB'/><cell id='1' cpus='2-3' memory='2' unit='GiB'/>
  </numa></cpu>
  <devices>
    <controller type='pci' index='0' model='pcie-root'/>
    <controller type='pci' index='1' model='pcie-root-port'/>
    <controller type='pci' index='2' model='pcie-expander-bus'><target busNr='100'><node>0</node></target></controller>
    <controller type='pci' index='3' model='pcie-expander-bus'><target busNr='0xfd'><node>1</node></target></controller>
    <controller type='pci' index='4' model='pcie-root-port'><address type='pci' bus='0x02' slot='0x00'/></controller>
    <controller type='pci' index='5' model='pcie-root-port'><address type='pci' bus='0x02' slot='0x01'/></controller>
    <controller type='pci' index='6' model='pcie-root-port'><address type='pci' bus='0x03' slot='0x00'/></controller>
    <controller type='pci' index='7' model='pcie-root-port'><address type='pci' bus='0x03' slot='0x01'/></controller>
    <hostdev mode='subsystem' type='pci'><source><address bus='0xc1' slot='0' function='0'/></source>
      <address type='pci' bus='0x04' slot='0x00' function='0x0'/></hostdev>
    <hostdev mode='subsystem' type='pci'><source><address bus='0x41' slot='0' function='0'/></source>
      <address type='pci' bus='0x06' slot='0x00' function='0x0'/></hostdev>
    <hostdev mode='subsystem' type='pci'><source><address bus='0x41' slot='0' function='0x1'/></source>
      <address type='pci' bus='0x06' slot='0x00' function='0x1'/></hostdev>
  </devices>
</domain>)";

std::string with(std::string_view what, std::string_view instead) {
  std::string xml(kSound);
  const auto at = xml.find(what);
  EXPECT_NE(at, xml.npos) << what;
  return xml.replace(at, what.size(), instead);
}

auto failure(const std::string& id, const std::string& words) {
  return AllOf(Field(&Finding::id, id), Field(&Finding::verdict, Verdict::Fail),
               Field(&Finding::message, HasSubstr(words)), Field(&Finding::remedy, testing::Not(IsEmpty())));
}

std::vector<Finding> found(std::string_view what, std::string_view instead) {
  return check_domain(two_sockets(), with(what, instead));
}

TEST(CheckDomain, FindsNothingWrongWithASoundOne) {
  EXPECT_THAT(check_domain(two_sockets(), std::string(kSound)), IsEmpty());
}

TEST(CheckDomain, FindsCpusThatTheHostDoesNotHave) {
  for (const auto& [what, instead, words] :
       {std::tuple("vcpu='3' cpuset='17'", "vcpu='3' cpuset='17,32-33'", "<vcpupin> names CPUs 32-33"),
        std::tuple("<emulatorpin cpuset='0,16'", "<emulatorpin cpuset='40'", "<emulatorpin> names CPU 40"),
        std::tuple("iothread='1' cpuset='31'", "iothread='1' cpuset='31-32'", "<iothreadpin> names CPU 32"),
        std::tuple("cpuset='0-31,^5'", "cpuset='0-40,^32-39'", "<vcpu> names CPU 40")})
    EXPECT_THAT(found(what, instead), ElementsAre(failure("domain.cpu-missing", words))) << instead;
}

TEST(CheckDomain, FindsCpusThatAreOffline) {
  Host host = two_sockets();
  host.cpus->cpus -= CpuSet{17};
  host.offline_cpus = CpuSet{17};
  EXPECT_THAT(check_domain(host, with("cpuset='0-31,^5'", "cpuset='0'")),
              ElementsAre(failure("domain.cpu-missing", "<vcpupin> names CPU 17, offline now")));
}

TEST(CheckDomain, FindsNodesThatTheHostDoesNotHave) {
  EXPECT_THAT(found("mode='strict' nodeset='0-1'", "mode='strict' nodeset='0-2'"),
              ElementsAre(failure("domain.node-missing", "node 2")));
  EXPECT_THAT(found("cellid='1' mode='strict' nodeset='0'", "cellid='1' mode='preferred' nodeset='7'"),
              testing::Contains(failure("domain.node-missing", "node 7")));
}

TEST(CheckDomain, FindsExpandersWithTheSameBusNumber) {
  EXPECT_THAT(found("busNr='0xfd'", "busNr='100'"),
              ElementsAre(failure("domain.bus-clash", "index 2 and 3 have the same bus number, 100")));
}

TEST(CheckDomain, FindsTooFewBusNumbers) {
  // Two ports below an expander take the two buses after its own.
  EXPECT_THAT(found("busNr='0xfd'", "busNr='103'"), IsEmpty());
  EXPECT_THAT(found("busNr='0xfd'", "busNr='102'"),
              ElementsAre(failure("domain.bus-narrow", "index 2 has bus number 100 and 2 bridges")));
  EXPECT_THAT(found("busNr='0xfd'", "busNr='254'"),
              ElementsAre(failure("domain.bus-narrow", "index 3 has bus number 254")));
  EXPECT_THAT(found("busNr='100'", "busNr='2'"), IsEmpty());
  EXPECT_THAT(found("busNr='100'", "busNr='1'"),
              ElementsAre(failure("domain.bus-narrow", "the 1 bridges below the root bus")));
}

TEST(CheckDomain, CountsSwitchesBelowPorts) {
  const std::string a_switch =
      "<controller type='pci' index='8' model='pcie-switch-upstream-port'><address type='pci' "
      "bus='0x07'/></controller>"
      "<controller type='pci' index='9' model='pcie-switch-downstream-port'><address type='pci' "
      "bus='0x08'/></controller><hostdev mode";
  EXPECT_THAT(found("<hostdev mode", a_switch),
              ElementsAre(failure("domain.bus-narrow", "and 4 bridges below it")));
}

TEST(CheckDomain, ACircleOfControllersHoldsNobody) {
  EXPECT_THAT(found("index='1' model='pcie-root-port'/>",
                    "index='1' model='pcie-root-port'><address type='pci' bus='0x08'/></controller>"
                    "<controller type='pci' index='8' model='pcie-root-port'><address type='pci' "
                    "bus='0x01'/></controller>"),
              IsEmpty());
}

TEST(CheckDomain, FindsFunctionsThatTheHostDoesNotHave) {
  EXPECT_THAT(found("<address bus='0xc1' slot='0'", "<address bus='0xc2' slot='0'"),
              ElementsAre(failure("domain.device-missing", "no function 0000:c2:00.0")));
  EXPECT_THAT(found("<hostdev mode",
                    "<disk type='nvme'><source><address bus='9' slot='0'/></source></disk><hostdev mode"),
              ElementsAre(failure("domain.device-missing", "no function 0000:09:00.0")));
}

TEST(CheckDomain, FindsABridge) {
  Host host = two_sockets();
  const PciAddress gpu = *PciAddress::parse("c1:00.0");
  std::ranges::find(host.functions, gpu, &PciFunction::address)->class_code = 0x060400;
  EXPECT_THAT(check_domain(host, std::string(kSound)),
              testing::Contains(failure("gpu.bridge", "0000:c1:00.0 is a bridge")));
}

TEST(CheckDomain, FindsAFunctionThatIsGivenTwice) {
  EXPECT_THAT(found("slot='0' function='0x1'", "slot='0' function='0x0'"),
              ElementsAre(failure("domain.device-twice", "0000:41:00.0 is given to guest1 twice")));
}

TEST(CheckDomain, FindsAMediatedDeviceThatTheHostDoesNotHave) {
  const std::string uuid = "c73f1fa6-489e-4834-9476-d70dabd98c40";
  const std::string hostdev =
      "<hostdev type='mdev' model='vfio-pci'><source><address uuid='" + uuid + "'/></source></hostdev>";
  const std::string xml = with("<hostdev mode", hostdev + "<hostdev mode");
  Host host = two_sockets();
  host.uses = std::vector<DeviceUse>{{kGpu0, DeviceUse::Kind::Mdev, uuid}};
  EXPECT_THAT(check_domain(host, xml), IsEmpty());
  EXPECT_THAT(check_domain(host, with("<hostdev mode", hostdev + hostdev + "<hostdev mode")),
              ElementsAre(failure("domain.device-twice", uuid + " is given to guest1 twice")));
  host.uses->clear();
  EXPECT_THAT(check_domain(host, xml),
              ElementsAre(AllOf(Field(&Finding::id, "domain.device-missing"),
                                Field(&Finding::verdict, Verdict::Warn), Field(&Finding::subject, uuid))));
  host.uses = Unknown{"nobody may look"};
  EXPECT_THAT(check_domain(host, xml), IsEmpty());
}

TEST(CheckDomain, FindsAGpuBelowTheExpanderOfAnotherNode) {
  EXPECT_THAT(found("bus='0x04' slot='0x00' function", "bus='0x07' slot='0x00' function"),
              ElementsAre(failure("domain.wrong-node", "0000:c1:00.0 is on node 1")));
  // Guest cells are not host nodes: the same expanders are wrong when the cells change places.
  EXPECT_THAT(
      found("<memnode cellid='0' mode='strict' nodeset='1'/><memnode cellid='1' mode='strict' nodeset='0'/>",
            "<memnode cellid='0' mode='strict' nodeset='0'/><memnode cellid='1' mode='strict' nodeset='1'/>"),
      ElementsAre(Field(&Finding::id, "domain.cpu-far"), Field(&Finding::id, "domain.cpu-far"),
                  failure("domain.wrong-node", "0000:c1:00.0"),
                  failure("domain.wrong-node", "0000:41:00.0")));
  // What may come from either node is not wrong.
  EXPECT_THAT(
      found("<memnode cellid='0' mode='strict' nodeset='1'/><memnode cellid='1' mode='strict' nodeset='0'/>",
            ""),
      IsEmpty());
}

TEST(CheckDomain, FindsThatHugePagesAreShort) {
  EXPECT_THAT(
      found("cpus='0-1' memory='4'", "cpus='0-1' memory='5'"),
      ElementsAre(failure("domain.pages-short", "5 pages of 1G from node 1, where 4 are free, 1 too few")));
  EXPECT_THAT(found("cpus='2-3' memory='2' unit='GiB'", "cpus='2-3' memory='2098177'"),
              ElementsAre(failure("domain.pages-short", "1025 pages of 2M from node 0")));
  // Two cells share one pool.
  EXPECT_THAT(found("nodeset='0'/><page size='2048' unit='KiB' nodeset='1'/>", "/>"), IsEmpty());
  std::string both = with("nodeset='0'/><page size='2048' unit='KiB' nodeset='1'/>", "/>");
  both.replace(both.find("cellid='1' mode='strict' nodeset='0'"), 36, "cellid='1' mode='strict' nodeset='1'");
  EXPECT_THAT(check_domain(two_sockets(), both),
              testing::Contains(failure("domain.pages-short", "6 pages of 1G from node 1")));
}

TEST(CheckDomain, WarnsOfHugePagesThatTheGuestItselfMayHold) {
  const std::string xml = with("cpus='0-1' memory='4'", "cpus='0-1' memory='5'");
  const auto verdict = [&](const Host& host) {
    const auto findings = check_domain(host, xml);
    return findings.size() == 1 ? findings.front().verdict : Verdict::Pass;
  };
  Host host = two_sockets();
  host.domains = std::vector<Domain>{running_guest("guest1", {}, {})};
  EXPECT_EQ(verdict(host), Verdict::Warn);
  host.domains->front().active = false;
  EXPECT_EQ(verdict(host), Verdict::Fail);
  host.domains = Unknown{"libvirt does not answer"};
  EXPECT_EQ(verdict(host), Verdict::Warn);
}

TEST(CheckDomain, WhatIsNotKnownOfTheHostIsNotWrong) {
  Host host;
  host.cpus = Unknown{"no hwloc"};
  host.numa_nodes = Unknown{"unreadable"};
  for (const std::string& xml : {with("cpuset='8'", "cpuset='800'"), with("nodeset='0-1'", "nodeset='0-7'"),
                                 with("memory='4'", "memory='400'"), with("bus='0xc1'", "bus='0xc2'"),
                                 with("bus='0x04' slot='0x00' function", "bus='0x07' slot='0x00' function")})
    EXPECT_THAT(check_domain(host, xml), IsEmpty());
}

TEST(CheckDomain, TakesLittleTimeForManyElements) {
  std::string many;
  for (unsigned i = 0; i < 20000; ++i)
    many += "<controller type='pci' index='" + std::to_string(1000 + i) +
            "' model='pcie-root-port'><address type='pci' bus='" + std::to_string(999 + i) +
            "'/></controller>";
  const std::string xml = with("<hostdev mode", many + "<hostdev mode");
  const auto start = std::chrono::steady_clock::now();
  check_domain(two_sockets(), xml);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(CheckDomain, RefusesWhatIsNoDomain) {
  for (const char* xml : {"", "nonsense", "<network/>", "<domain>"}) {
    try {
      check_domain(two_sockets(), xml);
      ADD_FAILURE() << xml;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Malformed) << xml;
    }
  }
}

}  // namespace
}  // namespace gpupass::check_domain_test
