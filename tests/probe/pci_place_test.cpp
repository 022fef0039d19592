// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "probe/pci/place.hpp"

namespace gpupass::pci_place_test {
namespace {

PciAddress at(std::string_view text) {
  return PciAddress::parse(text).value();
}

TEST(ParsePlace, ListsTheBridgesFromTheRootPortDown) {
  const auto place = parse_place("../../../devices/pci0000:60/0000:60:01.1/0000:61:00.0/0000:62:00.0");
  EXPECT_EQ(place, (PciPlace{"pci0000:60", {at("0000:60:01.1"), at("0000:61:00.0")}, at("0000:62:00.0")}));
}

TEST(ParsePlace, KnowsAFunctionOnTheRootBus) {
  EXPECT_EQ(parse_place("../../../devices/pci000d:00/000d:00:01.0"),
            (PciPlace{"pci000d:00", {}, at("000d:00:01.0")}));
}

TEST(ParsePlace, StartsADomainThatIsNestedBelowAFunctionAtItsOwnRootBus) {
  const auto place =
      parse_place("../../../devices/pci0000:6f/0000:6f:00.5/pci10001:80/10001:80:07.0/10001:84:00.0");
  EXPECT_EQ(place, (PciPlace{"pci10001:80", {at("10001:80:07.0")}, at("10001:84:00.0")}));
}

TEST(ParsePlace, AcceptsOtherFoldersAboveTheRootBus) {
  const auto place = parse_place("../../../devices/platform/40000000.pcie/pci0000:00/0000:00:00.0");
  EXPECT_EQ(place, (PciPlace{"pci0000:00", {}, at("0000:00:00.0")}));
}

TEST(ParsePlace, RefusesWhatContradictsItself) {
  EXPECT_FALSE(parse_place(""));
  EXPECT_FALSE(parse_place("../../../devices/pci0000:00"));
  EXPECT_FALSE(parse_place("../../../devices/0000:00:00.0"));
  EXPECT_FALSE(parse_place("../../../devices/pci0000:00/garbage/0000:00:00.0"));
  EXPECT_FALSE(parse_place("../../../devices/pci0000:00/0000:65:00.0"));
  EXPECT_FALSE(parse_place("../../../devices/pci0001:00/0000:00:00.0"));
}

}  // namespace
}  // namespace gpupass::pci_place_test
