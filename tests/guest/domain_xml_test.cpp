// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/domain_xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"

namespace gpupass {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> claimed(const std::string& devices) {
  std::vector<std::string> texts;
  for (const PciAddress& address : hostdev_addresses("<domain><devices>" + devices + "</devices></domain>"))
    texts.push_back(address.to_string());
  return texts;
}

std::string hostdev(const std::string& address) {
  return "<hostdev mode='subsystem' type='pci'><source><address " + address + "/></source></hostdev>";
}

TEST(HostdevAddresses, AreSortedAndEachOnce) {
  EXPECT_THAT(claimed(hostdev("domain='0x0000' bus='0x65' slot='0x00' function='0x1'") +
                      hostdev("domain='0x0000' bus='0x65' slot='0x00' function='0x0'") +
                      hostdev("domain='0x0000' bus='0x65' slot='0x00' function='0x0'")),
              ElementsAre("0000:65:00.0", "0000:65:00.1"));
}

TEST(HostdevAddresses, MayBeDecimalOctalOrPartlyLeftOut) {
  EXPECT_THAT(claimed(hostdev("bus='101' slot='010'")), ElementsAre("0000:65:08.0"));
  EXPECT_THAT(claimed(hostdev("domain='0x10000' bus='0' slot='31' function='7'")),
              ElementsAre("10000:00:1f.7"));
}

TEST(HostdevAddresses, AreTheHostsAndNotTheGuests) {
  EXPECT_THAT(claimed("<hostdev type='pci'><address type='pci' bus='0x07' slot='0x00'/>"
                      "<source><address bus='0x65' slot='0x00'/></source></hostdev>"),
              ElementsAre("0000:65:00.0"));
}

TEST(HostdevAddresses, CountNetworkAdaptersAndDisksThatAreGivenAway) {
  EXPECT_THAT(
      claimed("<interface type='hostdev'><source><address type='pci' bus='0x3b' "
              "slot='0x02'/></source></interface>"
              "<disk type='nvme'><source type='pci'><address bus='0x01' slot='0x00'/></source></disk>"),
      ElementsAre("0000:01:00.0", "0000:3b:02.0"));
}

TEST(HostdevAddresses, LeaveOutWhatIsNotPci) {
  EXPECT_THAT(
      claimed(
          "<hostdev type='usb'><source><address bus='1' device='3'/></source></hostdev>"
          "<hostdev type='mdev'><source><address uuid='c2177883'/></source></hostdev>"
          "<interface type='hostdev'><source><address type='usb' bus='1' device='2'/></source></interface>"
          "<interface type='network'><source network='default'/></interface>"
          "<hostdev type='pci'><source/></hostdev>"),
      IsEmpty());
}

TEST(HostdevAddresses, OfNoDefinitionAreNone) {
  EXPECT_THAT(hostdev_addresses(""), IsEmpty());
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

TEST(HostdevAddresses, RefuseWhatIsNoDomain) {
  EXPECT_THROW(hostdev_addresses("<network/>"), Error);
  EXPECT_THROW(hostdev_addresses("<domain"), Error);
  EXPECT_THROW(hostdev_addresses("no XML"), Error);
}

TEST(HostdevAddresses, RefuseNumbersOutOfRange) {
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
}  // namespace gpupass
