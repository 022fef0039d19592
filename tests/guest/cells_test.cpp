// SPDX-License-Identifier: LGPL-2.1-or-later
// What a guest over several NUMA nodes gets: cells, buses that tell a device's node, and what else depends on
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "support/golden.hpp"
#include "support/two_cells.hpp"
#include "support/two_sockets.hpp"
#include "values/sizes.hpp"

namespace gpupass::cells_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Request request_of(unsigned vcpus = 8, std::uint64_t memory_bytes = 4 * kGiB) {
  Request request;
  request.vcpus = vcpus;
  request.memory_bytes = memory_bytes;
  request.page_size_bytes = 0;
  return request;
}

std::string two_cell_domain(const Host& host, const Request& request, std::string_view base = {}) {
  return render_domain(host, request, two_cells(request), base);
}

struct Parsed {
  explicit Parsed(const std::string& text) { document.load_string(text.c_str()); }
  pugi::xml_node domain() const { return document.child("domain"); }
  pugi::xml_node devices() const { return domain().child("devices"); }
  pugi::xml_document document;
};

unsigned hex(pugi::xml_attribute attribute) {
  return static_cast<unsigned>(std::stoul(attribute.value(), nullptr, 16));
}

pugi::xml_node bus_of(const Parsed& parsed, unsigned index) {
  return parsed.devices().find_child([&](pugi::xml_node device) {
    return std::string_view(device.attribute("type").value()) == "pci" && device.attribute("index") &&
           device.attribute("index").as_uint() == index;
  });
}

/// The node of the expander above each function that is given, -1 without one: "41.0 0".
std::vector<std::string> nodes_of_functions(const std::string& text) {
  const Parsed parsed(text);
  std::vector<std::string> nodes;
  for (const pugi::xml_node device : parsed.devices().children("hostdev")) {
    const pugi::xml_node source = device.child("source").child("address");
    pugi::xml_node bus = bus_of(parsed, hex(device.child("address").attribute("bus")));
    if (const pugi::xml_node above = bus.child("address")) bus = bus_of(parsed, hex(above.attribute("bus")));
    const pugi::xml_node node = bus.child("target").child("node");
    nodes.push_back(std::string(source.attribute("bus").value()).substr(2) + "." +
                    std::string(source.attribute("function").value()).substr(2) + " " +
                    (node ? node.child_value() : "-1"));
  }
  return nodes;
}

std::vector<unsigned> bus_numbers(const std::string& text) {
  const Parsed parsed(text);
  std::vector<unsigned> numbers;
  for (const pugi::xml_node device : parsed.devices().children("controller"))
    if (const pugi::xml_attribute number = device.child("target").attribute("busNr"))
      numbers.push_back(number.as_uint());
  return numbers;
}

// --- cells ---

TEST(RenderCells, GivesEachNodeItsCellAndExpander) {
  Request request = request_of();
  request.name = "wide";
  request.page_size_bytes = kGiB;
  Host host = two_sockets_with_companions();
  host.cpu_vendor = std::string("AuthenticAMD");
  Placement placement = two_cells(request);
  placement.devices = {kNvme, kNic, kNicPort1};
  expect_golden("two-cells.xml", render_domain(host, request, placement));
}

TEST(RenderCells, NumbersPagesByCellAndMemoryByNode) {
  Request request = request_of();
  Placement placement = two_cells(request);
  placement.cells[0].node = 1;
  placement.cells[1].node = 3;
  placement.cells[1].page_size_bytes = 2 << 20;
  const std::string text = render_domain(two_sockets(), request, placement);
  EXPECT_THAT(text, HasSubstr("<page size='2' unit='MiB' nodeset='1'/>"));
  EXPECT_THAT(text, HasSubstr("<memnode cellid='1' mode='strict' nodeset='3'/>"));
  EXPECT_THAT(text, HasSubstr("<memory mode='strict' nodeset='1,3'/>"));
  EXPECT_THAT(text, Not(HasSubstr("<distances>"))) << "the host tells none of node 3";
}

TEST(RenderCells, KnowsACellWithOrdinaryPagesHoweverTheOthersAreWritten) {
  Request request = request_of();
  Placement placement = two_cells(request);
  placement.cells[1].page_size_bytes = kGiB;
  const std::string base =
      "<domain type='kvm'><os><type>hvm</type></os>\n  <memoryBacking><hugepages><page size='1048576' "
      "unit='KiB' "
      "nodeset='1'/></hugepages>"
      "<allocation mode='ondemand'/></memoryBacking>\n</domain>\n";
  EXPECT_THAT(
      render_domain(two_sockets(), request, placement, base),
      HasSubstr(base.substr(base.find("<memoryBacking>"), base.find("</memory") - base.find("<memoryB"))));
}

TEST(RenderCells, PrefersNodesWithoutBindingToThem) {
  Request request = request_of();
  request.numa = NumaPolicy::Preferred;
  const std::string several = two_cell_domain(two_sockets(), request);
  EXPECT_THAT(several, Not(HasSubstr("<memory mode=")));
  EXPECT_THAT(several, HasSubstr("<memnode cellid='1' mode='preferred' nodeset='1'/>"));
  request.gpus = {kGpu1.to_string()};
  const std::string one = render_domain(two_sockets(), request, place(two_sockets(), request));
  EXPECT_THAT(one, HasSubstr("<memory mode='preferred' nodeset='1'/>"));
  request.numa = NumaPolicy::Socket;
  EXPECT_THAT(two_cell_domain(two_sockets(), request), HasSubstr("<memory mode='strict' nodeset='0-1'/>"));
}

TEST(RenderCells, MakesASocketOfEachCellOnlyWhereTheyAreEqual) {
  EXPECT_THAT(two_cell_domain(two_sockets(), request_of(8)),
              HasSubstr("<topology sockets='2' dies='1' cores='2' threads='2'/>"));
  // 10 vCPUs on node 0, 6 on node 1: 8 cores could be halved, but not there.
  Placement placement = two_cells(request_of(16));
  for (unsigned vcpu : {8u, 9u}) {
    placement.vcpu_pins[vcpu].cpus = {vcpu - 3};
    placement.cells[0].cpus |= placement.vcpu_pins[vcpu].cpus;
  }
  EXPECT_THAT(render_domain(two_sockets(), request_of(16), placement),
              HasSubstr("<topology sockets='1' dies='1' cores='8' threads='2'/>"));
}

TEST(RenderCells, LeavesOutDistancesThatNoGuestTableHolds) {
  Host host = two_sockets();
  (*host.numa_nodes)[1].distances = std::vector<unsigned>{255, 10};
  EXPECT_THAT(two_cell_domain(host, request_of()), Not(HasSubstr("<distances>")));
  (*host.numa_nodes)[1].distances = Absent{};
  EXPECT_THAT(two_cell_domain(host, request_of()), Not(HasSubstr("<distances>")));
}

TEST(RenderCells, KeepsSharedMemoryOverAnotherNumberOfCells) {
  const std::string base =
      "<domain type='kvm'><os><type>hvm</type></os>\n  <vcpu>4</vcpu>\n  <cpu>\n    <numa>\n"
      "      <cell id='0' cpus='0-3' memory='1' unit='GiB' memAccess='shared'/>\n    </numa>\n  "
      "</cpu>\n</domain>\n";
  const std::string text = two_cell_domain(two_sockets(), request_of(), base);
  EXPECT_THAT(text, HasSubstr("<cell id='1' cpus='4-7' memory='2' unit='GiB' memAccess='shared'>"));
}

TEST(RenderCells, TakesTheHostsSiblingsOnAmd) {
  Host host = two_sockets();
  for (const char* vendor : {"AuthenticAMD", "HygonGenuine"}) {
    host.cpu_vendor = std::string(vendor);
    const std::string text = two_cell_domain(host, request_of());
    EXPECT_THAT(text, HasSubstr("<feature policy='require' name='topoext'/>"));
    EXPECT_EQ(two_cell_domain(host, request_of(), text), text);
    EXPECT_THAT(render_domain(host, request_of(), two_cells(request_of(), 1)), Not(HasSubstr("topoext")));
  }
  host.cpu_vendor = std::string("GenuineIntel");
  EXPECT_THAT(two_cell_domain(host, request_of()), Not(HasSubstr("topoext")));
}

TEST(RenderCells, RaisesAMemoryLimitThatDevicesWouldHit) {
  const auto base = [](const char* limit) {
    return std::string(
               "<domain type='kvm'><os><type>hvm</type></os>\n  <memtune>\n    <hard_limit unit='GiB'>") +
           limit + "</hard_limit>\n  </memtune>\n</domain>\n";
  };
  EXPECT_THAT(two_cell_domain(two_sockets(), request_of(), base("4")),
              HasSubstr("<hard_limit unit='GiB'>5</hard_limit>"));
  EXPECT_THAT(two_cell_domain(two_sockets(), request_of(), base("6")),
              HasSubstr("<hard_limit unit='GiB'>6</hard_limit>"));
}

// --- buses ---

TEST(RenderBuses, TellEachDevicesNode) {
  Placement placement = two_cells(request_of());
  placement.gpus.push_back(kStray);
  placement.devices = {kNvme, kNic, kNicPort1};
  const std::string text = render_domain(two_sockets_with_companions(), request_of(), placement);
  EXPECT_THAT(nodes_of_functions(text),
              ElementsAre("41.1 0", "41.0 0", "c1.0 1", "f0.0 -1", "42.0 0", "c2.1 1", "c2.0 1"));
  EXPECT_THAT(bus_numbers(text), ElementsAre(128, 192));
}

TEST(RenderBuses, TellTheNodeOfASingleCellToo) {
  for (const PciAddress gpu : {kGpu0, kGpu1}) {
    Request request = request_of();
    request.gpus = {gpu.to_string()};
    const std::string text = render_domain(two_sockets(), request, place(two_sockets(), request));
    for (const std::string& node : nodes_of_functions(text)) EXPECT_THAT(node, testing::EndsWith(" 0"));
    EXPECT_THAT(bus_numbers(text), ElementsAre(128));
  }
}

TEST(RenderBuses, ShareTheUpperHalfOfTheNumbers) {
  Placement placement = two_cells(request_of());
  const Cell cell = placement.cells[1];
  for (unsigned node = 2; node < 8; ++node) {
    placement.cells.push_back(cell);
    placement.cells.back().node = node;
    placement.cells.back().cpus = {};
  }
  EXPECT_THAT(bus_numbers(render_domain(two_sockets(), request_of(), placement)),
              ElementsAre(128, 144, 160, 176, 192, 208, 224, 240));
}

/// A host with so many single-function cards on node 0.
Host with_cards(unsigned cards, Placement& placement) {
  Host host = two_sockets();
  for (unsigned i = 0; i < cards; ++i) {
    PciFunction card = function_of(host, kGpu1);
    card.address = PciAddress{1, static_cast<std::uint8_t>(i + 1), 0, 0};
    card.parent = Absent{};
    card.numa_node = 0;
    host.functions.push_back(card);
    placement.gpus.push_back(card.address);
  }
  return host;
}

TEST(RenderBuses, LeaveRoomForEveryPort) {
  Placement placement = two_cells(request_of());
  placement.gpus.clear();
  for (unsigned node = 2; node < 8; ++node) {
    placement.cells.push_back(placement.cells[1]);
    placement.cells.back().node = node;
    placement.cells.back().cpus = {};
  }
  const Host host = with_cards(20, placement);
  // 20 cards and a spare port: 22 numbers each, more than the even share of 16.
  EXPECT_THAT(bus_numbers(render_domain(host, request_of(), placement)),
              ElementsAre(80, 102, 124, 146, 168, 190, 212, 234));
}

TEST(RenderBuses, RefuseMoreCardsThanAnExpanderHasSlots) {
  Placement placement = two_cells(request_of());
  const Host host = with_cards(32, placement);
  EXPECT_THROW(render_domain(host, request_of(), placement), Error);
}

// --- bases ---

std::string base_with(const std::string& devices) {
  return "<domain type='kvm'>\n  <name>a</name>\n  <vcpu>8</vcpu>\n  <os>\n    <type "
         "machine='q35'>hvm</type>\n"
         "  </os>\n  <devices>\n    <controller type='pci' index='0' model='pcie-root'/>\n" +
         devices +
         "    <controller type='usb' model='none'/>\n    <memballoon model='none'/>\n  "
         "</devices>\n</domain>\n";
}

std::string port(unsigned index, unsigned bus = 0, unsigned slot = 1) {
  return "    <controller type='pci' index='" + std::to_string(index) +
         "' model='pcie-root-port'>\n      <address type='pci' bus='" + std::to_string(bus) + "' slot='" +
         std::to_string(slot) + "' function='0'/>\n    </controller>\n";
}

std::string expander(unsigned index, unsigned number, unsigned node) {
  return "    <controller type='pci' index='" + std::to_string(index) +
         "' model='pcie-expander-bus'>\n      <target busNr='" + std::to_string(number) +
         "'>\n        <node>" + std::to_string(node) + "</node>\n      </target>\n    </controller>\n";
}

std::string gpu(const char* bus, unsigned guest_bus) {
  return std::string(
             "    <hostdev mode='subsystem' type='pci' managed='no'>\n      <source>\n        <address "
             "bus='") +
         bus +
         "' slot='0x00' function='0x0'/>\n      </source>\n      <address type='pci' domain='0x0000' "
         "bus='0x" +
         std::to_string(guest_bus) + "' slot='0x00' function='0x0'/>\n    </hostdev>\n";
}

TEST(RenderBuses, KeepTheExpandersThatThereAre) {
  const std::string base = base_with(expander(1, 100, 1) + port(2, 1, 0) + gpu("0xc1", 2));
  const std::string text = two_cell_domain(two_sockets(), request_of(), base);
  EXPECT_THAT(bus_numbers(text), ElementsAre(100, 97))
      << "below those that there are, with room for two ports";
  EXPECT_THAT(text, HasSubstr(expander(1, 100, 1) + port(2, 1, 0))) << "untouched";
  EXPECT_THAT(text, HasSubstr(gpu("0xc1", 2))) << "stays where it is";
  EXPECT_THAT(nodes_of_functions(text), ElementsAre("c1.0 1", "41.1 0", "41.0 0"));
  EXPECT_EQ(two_cell_domain(two_sockets(), request_of(), text), text);
}

TEST(RenderBuses, PassByAnExpanderWithoutRoom) {
  // libvirt's own choice of a number: room for one port.
  const std::string base = base_with(expander(1, 254, 0) + port(2, 1, 0));
  Placement placement = two_cells(request_of());
  placement.cells.pop_back();
  placement.gpus = {kGpu0};
  const std::string text = render_domain(two_sockets(), request_of(), placement, base);
  EXPECT_THAT(bus_numbers(text), ElementsAre(254, 128));
  EXPECT_EQ(render_domain(two_sockets(), request_of(), placement, text), text);
}

TEST(RenderBuses, MoveACardToItsCell) {
  const std::string base = base_with(port(1) + port(2, 0, 2) + gpu("0x41", 1) + gpu("0xc1", 2));
  const std::string text = two_cell_domain(two_sockets(), request_of(), base);
  EXPECT_THAT(nodes_of_functions(text), ElementsAre("41.0 0", "c1.0 1", "41.1 0"));
  EXPECT_EQ(two_cell_domain(two_sockets(), request_of(), text), text);
}

TEST(RenderBuses, LeaveACardOfASingleCellWhereItIs) {
  const std::string base = base_with(port(1) + gpu("0xc1", 1));
  Request request = request_of();
  request.gpus = {kGpu1.to_string()};
  const std::string text = render_domain(two_sockets(), request, place(two_sockets(), request), base);
  EXPECT_EQ(text.substr(text.find("<devices>")), base.substr(base.find("<devices>")));
}

TEST(RenderBuses, MoveACardOffTheExpanderOfAnotherNode) {
  // The guest is now on node 0 alone, and its GPU is still that of node 1: "cell 0" would be a lie.
  const std::string base = base_with(expander(1, 128, 0) + port(2, 1, 0) + gpu("0xc1", 2));
  Placement placement = two_cells(request_of());
  placement.cells.pop_back();
  placement.gpus = {kGpu1};
  const std::string text = render_domain(two_sockets(), request_of(), placement, base);
  EXPECT_THAT(nodes_of_functions(text), ElementsAre("c1.0 -1"));
}

TEST(RenderBuses, ForgetTheCellsThatAreGone) {
  const std::string wide = two_cell_domain(two_sockets(), request_of());
  Request narrow = request_of();
  narrow.gpus = {kGpu0.to_string()};
  const std::string text = render_domain(two_sockets(), narrow, place(two_sockets(), narrow), wide);
  EXPECT_THAT(text, Not(HasSubstr("<node>1</node>")));
  EXPECT_THAT(nodes_of_functions(text), ElementsAre("41.1 0", "41.0 0"));
  EXPECT_EQ(render_domain(two_sockets(), narrow, place(two_sockets(), narrow), text), text);
}

TEST(RenderBuses, UseThePortThatAFormerCardLeft) {
  Request request = request_of();
  const std::string wide = two_cell_domain(two_sockets(), request);
  Placement without = two_cells(request);
  without.gpus = {kGpu0};
  const std::string less = render_domain(two_sockets(), request, without, wide);
  EXPECT_THAT(nodes_of_functions(less), ElementsAre("41.1 0", "41.0 0"));
  EXPECT_EQ(two_cell_domain(two_sockets(), request, less), wide);
}

TEST(RenderBuses, KeepPortsForDevicesThatWaitForAnAddress) {
  const std::string waiting = "    <interface type='network'><source network='default'/></interface>\n";
  const std::string text = two_cell_domain(two_sockets(), request_of(), base_with(waiting));
  EXPECT_THAT(text, HasSubstr("index='1' model='pcie-root-port'/>\n    <controller type='pci' index='2' "
                              "model='pcie-expander-bus'>"));
}

TEST(RenderBuses, KeepNewDisksOffTheExpanders) {
  Request request = request_of();
  const std::string base = two_cell_domain(two_sockets(), request);
  request.disks = {"/images/late.img"};
  const std::string text = two_cell_domain(two_sockets(), request, base);
  const Parsed parsed(text);
  const unsigned bus = hex(parsed.devices().child("disk").child("address").attribute("bus"));
  EXPECT_FALSE(bus_of(parsed, bus).child("address")) << "a port of the root bus";
  EXPECT_EQ(two_cell_domain(two_sockets(), request, text), text);
}

TEST(RenderBuses, SurviveAnyByte) {
  Request request = request_of();
  Host host = two_sockets();
  set_large_bar(host, kGpu0, 128 * kGiB);
  const std::string base = two_cell_domain(host, request);
  for (const std::string bytes : {"0159a'< x", "7236\">/-", "4"})
    for (std::size_t at = 0; at < base.size(); at += 3) {
      std::string changed = base;
      changed[at] = bytes[at % bytes.size()];
      try {
        const std::string once = two_cell_domain(host, request, changed);
        EXPECT_EQ(two_cell_domain(host, request, once), once) << at;
      } catch (const Error&) {
      }
    }
}

TEST(RenderBuses, AreOnesOwnAffairOnOldMachines) {
  const std::string base =
      "<domain type='kvm'>\n  <os>\n    <type machine='pc'>hvm</type>\n  </os>\n</domain>\n";
  const std::string text = two_cell_domain(two_sockets(), request_of(), base);
  EXPECT_THAT(bus_numbers(text), IsEmpty());
  EXPECT_EQ(two_cell_domain(two_sockets(), request_of(), text), text);
}

// --- cards ---

TEST(RenderCards, TakeAnImageForTheirRom) {
  Request request = request_of();
  request.rom_file = "/roms/a&b.rom";
  const std::string text = two_cell_domain(two_sockets(), request);
  const Parsed parsed(text);
  std::vector<std::string> roms;
  for (const pugi::xml_node device : parsed.devices().children("hostdev"))
    roms.push_back(device.child("rom").attribute("file").value());
  EXPECT_THAT(roms, ElementsAre("", "/roms/a&b.rom", "/roms/a&b.rom"));
  EXPECT_THAT(text, Not(HasSubstr("bar='off'")));
  EXPECT_EQ(two_cell_domain(two_sockets(), request, text), text);
  const std::string without = two_cell_domain(two_sockets(), request_of());
  EXPECT_THAT(without, HasSubstr("<rom bar='off'/>")) << "of a 3D controller";
  EXPECT_EQ(two_cell_domain(two_sockets(), request, without), text);
}

TEST(RenderCards, AreTakenAwayWithTheirCompanions) {
  const Host host = two_sockets_with_companions();
  Placement placement = two_cells(request_of());
  placement.devices = {kNvme, kNic, kNicPort1};
  const std::string with = render_domain(host, request_of(), placement);
  placement.devices = {kNvme};
  const std::string text = render_domain(host, request_of(), placement, with);
  EXPECT_THAT(nodes_of_functions(text), ElementsAre("41.1 0", "41.0 0", "c1.0 1", "42.0 0"));
}

TEST(RenderCards, AreKeptWhereAnInterfaceGivesThem) {
  const std::string base = base_with(port(1) +
                                     "    <interface type='hostdev' managed='yes'>\n      <source>\n        "
                                     "<address type='pci' domain='0x0000' bus='0xc2' "
                                     "slot='0x00' function='0x0'/>\n      </source>\n      <address "
                                     "type='pci' domain='0x0000' bus='0x01' slot='0x00' "
                                     "function='0x0'/>\n    </interface>\n");
  Placement placement = two_cells(request_of());
  placement.devices = {kNic, kNicPort1};
  const Host host = two_sockets_with_companions();
  const std::string text = render_domain(host, request_of(), placement, base);
  EXPECT_THAT(text, HasSubstr("<interface type='hostdev' managed='no'>"));
  EXPECT_THAT(nodes_of_functions(text), ElementsAre("41.1 0", "41.0 0", "c1.0 1", "c2.1 1"));
  EXPECT_EQ(render_domain(host, request_of(), placement, text), text);
}

}  // namespace
}  // namespace gpupass::cells_test
