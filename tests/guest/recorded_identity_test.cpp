// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/recorded_identity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "support/host_builder.hpp"

namespace gpupass::recorded_identity_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

const Identity kFull{
    0x10de, 0x2330, 0x10de, 0x16c1, "48b02d0000a1b2c3", "GPU-7c5b8f0e", "pci0000:60/01.0/00.0"};

std::string domain(const std::string& metadata) {
  return "<domain>" + metadata + "<devices/></domain>";
}
constexpr const char* kVm =
    "<metadata><other:a xmlns:other='urn:other'/><gpupass:vm xmlns:gpupass='urn:gpupass:domain:1'>\n"
    "  <gpupass:gpu address='0000:65:00.0' vendor='10de' device='2330' serial='48b02d0000a1b2c3' cell='1'/>\n"
    "  <gpupass:device address='nonsense' vendor='x'/>\n</gpupass:vm></metadata>";

TEST(Metadata, IsReadWhateverItsPrefix) {
  const std::string bare =
      "<vm><gpu address=\"0000:65:00.0\" vendor=\"10de\" device=\"2330\" serial=\"48b02d0000a1b2c3\" "
      "cell=\"1\"/>"
      "<device address=\"nonsense\" vendor=\"x\"/></vm>";
  EXPECT_EQ(own_metadata_text(domain(kVm)), bare);
  EXPECT_EQ(
      own_metadata_text(domain("<metadata><vm xmlns='urn:gpupass:domain:1'><gpu address='0000:65:00.0' "
                               "vendor='10de' device='2330' serial='48b02d0000a1b2c3' cell='1'/><device "
                               "address='nonsense' vendor='x'/></vm></metadata>")),
      bare);
  EXPECT_EQ(own_metadata_text(domain("<metadata><vm xmlns='urn:other'/></metadata>")), "");
  EXPECT_EQ(own_metadata_text(""), "");
}

TEST(Metadata, RecordsIdentities) {
  Identity expected;
  expected.vendor = 0x10de;
  expected.device = 0x2330;
  expected.serial = "48b02d0000a1b2c3";
  EXPECT_THAT(recorded_identities(domain(kVm)), ElementsAre(Pair(address("65:00.0"), expected)));
  const std::string text = with_identities("", {{address("65:00.0"), kFull}}, {});
  EXPECT_THAT(recorded_identities(
                  domain("<metadata><vm xmlns='urn:gpupass:domain:1'" + text.substr(3) + "</metadata>")),
              ElementsAre(Pair(address("65:00.0"), kFull)));
}

TEST(Metadata, KeepsWhatItIsNotAboutAndForgets) {
  const std::string before = own_metadata_text(domain(kVm));
  const std::string more = with_identities(before, {{address("66:00.0"), kFull}}, {});
  EXPECT_THAT(more, HasSubstr("cell=\"1\""));
  EXPECT_THAT(more, HasSubstr("0000:66:00.0"));
  EXPECT_EQ(with_identities(more, {}, {address("66:00.0")}), before);
  EXPECT_EQ(with_identities(with_identities("", {{address("66:00.0"), kFull}}, {}), {}, {address("66:00.0")}),
            "");
}

/// Whoever may change definitions may write anything there.
TEST(Metadata, IsOneLevelDeepAndOfOneNamespaceWhateverItHolds) {
  const std::string in_vm = "<metadata><g:vm xmlns:g='urn:gpupass:domain:1' xmlns:x='urn:x' x:a='1'>";
  EXPECT_EQ(own_metadata_text(
                domain(in_vm + "<x:gpu address='0000:65:00.0'/>text<!-- no --><g:gpu x:b='2' address='?'>"
                               "<g:gpu/></g:gpu></g:vm></metadata>")),
            "<vm><gpu address=\"?\"/></vm>");
  std::string deep;
  for (int level = 0; level < 200; ++level) deep += "<g:a>";
  std::string closed;
  for (int level = 0; level < 200; ++level) closed += "</g:a>";
  EXPECT_EQ(own_metadata_text(domain(in_vm + deep + closed + "</g:vm></metadata>")), "<vm><a/></vm>");
  const std::string huge(1 << 20, '7');
  const auto recorded =
      recorded_identities(domain(in_vm + "<g:gpu address='0000:65:00.0' serial='" + huge + "' vendor='" +
                                 huge + "' device='-1'/></g:vm></metadata>"));
  EXPECT_THAT(recorded, ElementsAre(Pair(address("65:00.0"), Identity())));
}

TEST(Metadata, TakesNothingThatIsNoPlainText) {
  Identity odd = kFull;
  odd.serial = "a'><b";
  odd.uuid = "GPU-\x01";
  const std::string text = with_identities("", {{address("65:00.0"), odd}}, {});
  EXPECT_THAT(text, Not(HasSubstr("serial")));
  EXPECT_THAT(text, Not(HasSubstr("uuid")));
  EXPECT_THROW(recorded_identities("<nonsense"), Error);
}

}  // namespace
}  // namespace gpupass::recorded_identity_test
