// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/hostdev.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "guest/edit/changed.hpp"
#include "guest/model/domain_xml.hpp"

namespace gpupass::hostdev_test {
namespace {

using testing::HasSubstr;

const DeviceId kMediated = *DeviceId::parse("c73f1fa6-489e-4834-9476-d70dabd98c40");

std::string domain_of(const std::string& devices) {
  return "<domain><name>guest1</name><devices>" + devices + "</devices></domain>";
}

TEST(HostdevXml, NamesTheFunctionAndLeavesItsDriverAlone) {
  EXPECT_EQ(hostdev_xml(*PciAddress::parse("000c:65:1f.7")),
            "<hostdev mode='subsystem' type='pci' managed='no'>\n"
            "  <driver name='vfio'/>\n"
            "  <source>\n"
            "    <address domain='0x000c' bus='0x65' slot='0x1f' function='0x7'/>\n"
            "  </source>\n"
            "  <alias name='ua-gpu-000c-65-1f-7'/>\n"
            "</hostdev>\n");
}

TEST(HostdevXml, NamesTheMediatedDevice) {  // tests/domain/base/mediated.xml has the same text.
  EXPECT_EQ(hostdev_xml(kMediated),
            "<hostdev mode='subsystem' type='mdev' managed='no' model='vfio-pci'>\n"
            "  <source>\n"
            "    <address uuid='c73f1fa6-489e-4834-9476-d70dabd98c40'/>\n"
            "  </source>\n"
            "  <alias name='ua-gpu-c73f1fa6-489e-4834-9476-d70dabd98c40'/>\n"
            "</hostdev>\n");
}

TEST(HostdevXml, ReadsBackAsTheSameDevice) {
  for (const DeviceId device : {DeviceId(*PciAddress::parse("10000:e1:00.1")), kMediated})
    EXPECT_THAT(claimed_devices(domain_of(hostdev_xml(device))), testing::ElementsAre(device));
}

TEST(HostdevElement, IsTheOneThatClaimsTheFunction) {
  const PciAddress gpu = *PciAddress::parse("65:00.0"), audio = *PciAddress::parse("65:00.1");
  const std::string domain = domain_of("<disk/>" + hostdev_xml(audio) + hostdev_xml(gpu));
  EXPECT_THAT(hostdev_element(domain, gpu), HasSubstr("ua-gpu-0000-65-00-0"));
  EXPECT_EQ(hostdev_element(domain, gpu).find("ua-gpu-0000-65-00-1"), std::string::npos);
  EXPECT_EQ(hostdev_element(domain_of(""), gpu), "");
  EXPECT_EQ(hostdev_element("", gpu), "");
}

TEST(HostdevElement, IsFoundByTheUuidOfAMediatedDevice) {
  const PciAddress gpu = *PciAddress::parse("65:00.0");
  const std::string domain = domain_of(hostdev_xml(gpu) + hostdev_xml(kMediated));
  EXPECT_THAT(hostdev_element(domain, kMediated), HasSubstr("type=\"mdev\""));
  EXPECT_EQ(hostdev_alias(domain, kMediated), "ua-gpu-c73f1fa6-489e-4834-9476-d70dabd98c40");
  EXPECT_THAT(claimed_devices(without_hostdev(domain, kMediated)), testing::ElementsAre(gpu));
}

TEST(WithUuidOf, PutsThePresentUuidBeforeTheName) {
  EXPECT_EQ(with_uuid_of("<domain><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid></domain>",
                         "<domain>\n  <name>a</name>\n</domain>"),
            "<domain>\n  <uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>\n  <name>a</name>\n</domain>");
}

TEST(WithUuidOf, LeavesADefinitionThatHasOneOrNeedsNone) {
  const std::string own = "<domain><name>a</name><uuid>1</uuid></domain>";
  EXPECT_EQ(with_uuid_of("<domain><uuid>2</uuid></domain>", own), own);
  EXPECT_EQ(with_uuid_of("<domain/>", "<domain><name>a</name></domain>"), "<domain><name>a</name></domain>");
}

TEST(WithUuidOf, RefusesWhatIsNoUuidAndNoDomain) {
  const std::string uuid = "<domain><uuid>ab-12</uuid></domain>";
  EXPECT_THROW(with_uuid_of("<domain><uuid>&lt;x/&gt;</uuid></domain>", "<domain><name>a</name></domain>"),
               Error);
  EXPECT_THROW(with_uuid_of(uuid, "<domain/>"), Error);
  EXPECT_THROW(with_uuid_of(uuid, "<network/>"), Error);
  EXPECT_THROW(with_uuid_of("", "<domain><name>a</name></domain>"), Error);
}

}  // namespace
}  // namespace gpupass::hostdev_test
