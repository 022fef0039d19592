// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/buses.hpp"

#include <gtest/gtest.h>

#include "guest/model/domain_xml.hpp"
#include "guest/model/ports.hpp"

namespace gpupass::buses_test {
namespace {

std::string controller(const std::string& index, const char* model, const char* bus = nullptr,
                       const std::string& more = "") {
  return "<controller type='pci'" + (index.empty() ? "" : " index='" + index + "'") + " model='" + model +
         "'>" + more + (bus ? "<address type='pci' bus='" + std::string(bus) + "'/>" : "") + "</controller>";
}

std::string guest(const std::string& devices, const std::string& numatune = "") {
  return "<domain>" + numatune + "<devices>" + devices + "</devices></domain>";
}

const std::string kExpander =
    controller("2", "pcie-expander-bus", nullptr, "<target busNr='0xfe'><node>1</node></target>");

class Tree {
 public:
  explicit Tree(const std::string& devices)
      : document_(parse_domain(guest(devices))), buses(document_.child("domain")) {}

 private:
  pugi::xml_document document_;

 public:
  GuestBuses buses;
};

TEST(GuestBuses, KnowTheExpanderAboveASwitch) {
  const Tree tree(kExpander + controller("3", "pcie-root-port", "0x02") +
                  controller("4", "pcie-switch-upstream-port", "0x03") +
                  controller("5", "pcie-switch-downstream-port", "0x04") + controller("6", "pcie-root-port"));
  for (const unsigned index : {2u, 3u, 4u, 5u}) {
    ASSERT_NE(tree.buses.expander_above(index), nullptr) << index;
    EXPECT_EQ(tree.buses.expander_above(index)->cell, 1u) << index;
    EXPECT_EQ(tree.buses.expander_above(index)->number, 254u) << index;
  }
  EXPECT_EQ(tree.buses.expander_above(6), nullptr);
  EXPECT_EQ(tree.buses.expander_above(77), nullptr);
  EXPECT_TRUE(tree.buses.find(5)->free);
  EXPECT_FALSE(tree.buses.find(4)->free);
  EXPECT_EQ(tree.buses.next_index(), 7u);
}

TEST(GuestBuses, HaveTheirExpanderWithoutAnIndexOfTheirOwn) {
  const Tree tree(kExpander + controller("", "pcie-root-port", "2") + controller("", "pcie-root-port"));
  ASSERT_EQ(tree.buses.all().size(), 3u);
  EXPECT_EQ(tree.buses.expander_above(tree.buses.all()[1]), &tree.buses.all()[0]);
  EXPECT_EQ(tree.buses.expander_above(tree.buses.all()[2]), nullptr);
  EXPECT_FALSE(tree.buses.all()[1].free) << "nothing can be said to be below it";
  EXPECT_EQ(tree.buses.next_index(), 3u);
}

TEST(GuestBuses, SurviveACircle) {
  const Tree tree(controller("1", "pcie-root-port", "0x02") + controller("2", "pcie-root-port", "0x01"));
  EXPECT_EQ(tree.buses.expander_above(1), nullptr);
  EXPECT_EQ(tree.buses.expander_above(2), nullptr);
}

TEST(GuestBuses, HaveNoIndexLeftAboveTheHighest) {
  EXPECT_EQ(Tree(controller("255", "pcie-root-port")).buses.next_index(), std::nullopt);
  EXPECT_EQ(Tree(controller("4294967295", "pcie-root-port")).buses.next_index(), std::nullopt);
}

TEST(GuestPorts, AreOfTheNodeThatTheirCellPrefersOrIsBoundTo) {
  const std::string devices =
      controller("0", "pcie-root") + kExpander + controller("3", "pcie-root-port", "0x02");
  for (const char* numatune : {"<numatune><memnode cellid='1' mode='strict' nodeset='5'/></numatune>",
                               "<numatune><memnode cellid='1' mode='preferred' nodeset='5'/></numatune>",
                               "<numatune><memory mode='strict' nodeset='5'/></numatune>"}) {
    GuestPorts ports(guest(devices, numatune));
    EXPECT_EQ(ports.take(4), std::nullopt) << numatune;
    const auto slot = ports.take(5);
    ASSERT_TRUE(slot) << numatune;
    EXPECT_EQ(slot->bus, 3) << numatune;
    EXPECT_EQ(ports.take(5), std::nullopt) << "each is given once";
  }
}

}  // namespace
}  // namespace gpupass::buses_test
