// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/domain_xml.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"

namespace gpupass::domain_xml_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> claimed(const std::string& devices) {
  std::vector<std::string> texts;
  for (const DeviceId device : claimed_devices("<domain><devices>" + devices + "</devices></domain>"))
    texts.push_back(device.to_string());
  return texts;
}

std::string hostdev(const std::string& address) {
  return "<hostdev mode='subsystem' type='pci'><source><address " + address + "/></source></hostdev>";
}

TEST(ClaimedDevices, AreSortedAndEachOnce) {
  EXPECT_THAT(claimed(hostdev("domain='0x0000' bus='0x65' slot='0x00' function='0x1'") +
                      hostdev("domain='0x0000' bus='0x65' slot='0x00' function='0x0'") +
                      hostdev("domain='0x0000' bus='0x65' slot='0x00' function='0x0'")),
              ElementsAre("0000:65:00.0", "0000:65:00.1"));
}

TEST(ClaimedDevices, MayBeDecimalOctalOrPartlyLeftOut) {
  EXPECT_THAT(claimed(hostdev("bus='101' slot='010'")), ElementsAre("0000:65:08.0"));
  EXPECT_THAT(claimed(hostdev("domain='0x10000' bus='0' slot='31' function='7'")),
              ElementsAre("10000:00:1f.7"));
}

TEST(ClaimedDevices, AreTheHostsAndNotTheGuests) {
  EXPECT_THAT(claimed("<hostdev type='pci'><address type='pci' bus='0x07' slot='0x00'/>"
                      "<source><address bus='0x65' slot='0x00'/></source></hostdev>"),
              ElementsAre("0000:65:00.0"));
}

TEST(ClaimedDevices, CountNetworkAdaptersAndDisksThatAreGivenAway) {
  EXPECT_THAT(
      claimed("<interface type='hostdev'><source><address type='pci' bus='0x3b' "
              "slot='0x02'/></source></interface>"
              "<disk type='nvme'><source type='pci'><address bus='0x01' slot='0x00'/></source></disk>"),
      ElementsAre("0000:01:00.0", "0000:3b:02.0"));
}

TEST(ClaimedDevices, LeaveOutWhatIsNeitherPciNorMediated) {
  EXPECT_THAT(
      claimed(
          "<hostdev type='usb'><source><address bus='1' device='3'/></source></hostdev>"
          "<interface type='hostdev'><source><address type='usb' bus='1' device='2'/></source></interface>"
          "<interface type='network'><source network='default'/></interface>"
          "<hostdev type='pci'><source/></hostdev><hostdev type='mdev'><source/></hostdev>"),
      IsEmpty());
}

TEST(ClaimedDevices, CountMediatedDevicesBehindFunctions) {
  EXPECT_THAT(claimed("<hostdev mode='subsystem' type='mdev' model='vfio-pci' display='on'><source>"
                      "<address uuid='C2177883-F1BB-47F0-914D-32A22E3A8804'/></source></hostdev>" +
                      hostdev("bus='0x65' slot='0'")),
              ElementsAre("0000:65:00.0", "c2177883-f1bb-47f0-914d-32a22e3a8804"));
}

TEST(ClaimedDevices, RefuseWhatIsNoUuid) {
  for (const char* uuid : {"", "c2177883", "0000:65:00.0"})
    EXPECT_THROW(
        claimed(fmt::format("<hostdev type='mdev'><source><address uuid='{}'/></source></hostdev>", uuid)),
        Error);
}

TEST(ClaimedDevices, OfNoDefinitionAreNone) {
  EXPECT_THAT(claimed_devices(""), IsEmpty());
}

TEST(DomainName, IsWhatTheDefinitionSays) {
  EXPECT_EQ(domain_name("<domain type='kvm'><name>guest1</name></domain>"), "guest1");
  EXPECT_EQ(domain_name("<domain><name>a &amp; b</name></domain>"), "a & b");
}

TEST(DomainName, IsRefusedWhereThereIsNone) {
  for (const char* xml :
       {"<domain/>", "<domain><name/></domain>", "<network><name>x</name></network>", "", "<"})
    EXPECT_THROW(domain_name(xml), Error) << xml;
}

TEST(ClaimedDevices, RefuseWhatIsNoDomain) {
  EXPECT_THROW(claimed_devices("<network/>"), Error);
  EXPECT_THROW(claimed_devices("<domain"), Error);
  EXPECT_THROW(claimed_devices("no XML"), Error);
}

TEST(ClaimedDevices, RefuseNumbersOutOfRange) {
  for (const char* address :
       {"bus='0x100'", "slot='32'", "function='8'", "bus='-1'", "bus=''", "bus='0x'", "bus='1z'"}) {
    try {
      claimed(hostdev(address));
      ADD_FAILURE() << "accepted " << address;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Malformed);
      EXPECT_THAT(error.what(), HasSubstr("expected a number up to"));
    }
  }
}

}  // namespace
}  // namespace gpupass::domain_xml_test
