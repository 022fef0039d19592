// SPDX-License-Identifier: LGPL-2.1-or-later
// Addresses for cards with large memory.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>
#include <sstream>

#include "gpupass/guest.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "support/two_cells.hpp"
#include "support/two_sockets.hpp"
#include "values/sizes.hpp"

namespace gpupass::window_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Request request_of() {
  Request request;
  request.vcpus = 8;
  request.memory_bytes = 4 * kGiB;
  return request;
}

/// Both GPUs have so much memory.
Host host_with(std::uint64_t gpu_memory) {
  Host host = two_sockets();
  set_large_bar(host, kGpu0, gpu_memory);
  set_large_bar(host, kGpu1, gpu_memory);
  return host;
}

std::string domain_for(const Host& host, std::string_view base = {}, const Request& request = request_of()) {
  return render_domain(host, request, two_cells(request), base);
}

/// The ports for which addresses are kept, and how many bytes of which kind.
std::vector<std::string> reserves(const std::string& text) {
  pugi::xml_document document;
  document.load_string(text.c_str());
  std::vector<std::string> found;
  for (const pugi::xml_node device : document.child("domain").child("qemu:override").children())
    for (const pugi::xml_node property : device.child("qemu:frontend").children())
      found.push_back(fmt::format("{} {} {}", device.attribute("alias").value(),
                                  property.attribute("name").value(), property.attribute("value").value()));
  return found;
}

TEST(RenderWindow, OfSmallCardsIsQemusOwnAndSparePortsTakeOneMore) {
  // 16 MiB of registers, and 256 MiB and 32 MiB: a window for them may begin where the largest must not.
  const std::string text = domain_for(host_with(256 * kMiB));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("pcihole64")), Not(HasSubstr("fw_cfg"))));
  EXPECT_THAT(reserves(text), ElementsAre("pci.9 mem-reserve 33554432", "pci.9 pref64-reserve 536870912",
                                          "pci.11 mem-reserve 33554432", "pci.11 pref64-reserve 536870912"));
  EXPECT_EQ(domain_for(host_with(256 * kMiB), text), text);
}

TEST(RenderWindow, OfWhatFirmwareKeepsUnaskedIsNotAskedFor) {
  Host host = two_sockets();
  for (const PciAddress gpu : {kGpu0, kGpu1})
    function_of(host, gpu).bars =
        std::vector<Bar>{{0, 0, kMiB, true, false, false}, {2, 0, 4096, true, true, true}};
  EXPECT_THAT(domain_for(host), Not(HasSubstr("qemu:")));
}

TEST(RenderWindow, IsKeptByPortsThatCanKeepIt) {
  const Host host = host_with(256 * kMiB);
  const std::string text = domain_for(host);
  for (const char* other : {"<model name='ioh3420'/>", "<target chassis='9' hotplug='off'/>"}) {
    pugi::xml_document document, part;
    document.load_string(text.c_str());
    part.load_string(other);
    document.child("domain").remove_child("qemu:override");
    for (pugi::xml_node port : document.child("domain").child("devices").children("controller"))
      if (port.attribute("index").as_uint() == 9) port.append_copy(part.first_child());
    std::ostringstream base;
    document.save(base);
    const std::string again = domain_for(host, base.str());
    EXPECT_THAT(again, HasSubstr("index=\"9\""));
    EXPECT_THAT(reserves(again),
                ElementsAre("pci.11 mem-reserve 33554432", "pci.11 pref64-reserve 536870912"));
  }
}

TEST(RenderWindow, BelowFourGiBThereIsLittleRoom) {
  Host host = two_sockets();
  function_of(host, kGpu0).bars = std::vector<Bar>{{0, 0, kGiB, true, false, false}};
  EXPECT_THAT(domain_for(host), Not(HasSubstr("mem-reserve")))
      << "the firmware would find no room for anything";
}

TEST(RenderWindow, HoldsEveryCardAndEverySparePort) {
  // 128 GiB and 32 MiB: the next card begins 256 GiB further. Two cards, two spare ports: 1 TiB and a little.
  const std::string text = domain_for(host_with(128 * kGiB));
  EXPECT_THAT(text, HasSubstr("model='pcie-root'>\n      <pcihole64 unit='GiB'>2048</pcihole64>"));
  EXPECT_THAT(text, HasSubstr("<qemu:arg value='-fw_cfg'/>\n    <qemu:arg "
                              "value='name=opt/ovmf/X-PciMmio64Mb,string=2097152'/>"));
  EXPECT_THAT(text, HasSubstr("<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"));
  EXPECT_THAT(reserves(text),
              ElementsAre("pci.9 mem-reserve 33554432", "pci.9 pref64-reserve 274877906944",
                          "pci.11 mem-reserve 33554432", "pci.11 pref64-reserve 274877906944"));
  EXPECT_EQ(domain_for(host_with(128 * kGiB), text), text);
}

TEST(RenderWindow, HoldsThePartOfEachExpanderWhereItMayBegin) {
  const auto host_of = [](std::uint64_t bytes) {
    Host host = two_sockets();
    for (const PciAddress gpu : {kGpu0, kGpu1})
      function_of(host, gpu).bars = std::vector<Bar>{{1, 0, bytes, true, true, true}};
    return host;
  };
  // A card of 2 GiB and a spare port of 4: 8 GiB for each cell, 5 GiB in front, an eighth more.
  EXPECT_THAT(domain_for(host_of(2 * kGiB)), Not(HasSubstr("pcihole64"))) << "32 GiB are QEMU's own";
  EXPECT_THAT(domain_for(host_of(4 * kGiB)), HasSubstr("<pcihole64 unit='GiB'>64</pcihole64>"));
}

TEST(RenderWindow, OpensAHoleAloneWithoutUefi) {
  Request request = request_of();
  request.firmware = Firmware::Bios;
  const std::string text = domain_for(host_with(128 * kGiB), {}, request);
  EXPECT_THAT(text, AllOf(HasSubstr("pcihole64"), Not(HasSubstr("-fw_cfg"))));
}

TEST(RenderWindow, IsNotCountedTwiceForFunctionsOfACard) {
  Host host = host_with(64 * kGiB);
  set_large_bar(host, kAudio0, 1 << 20);
  host.cpu_address_bits = 46u;
  Request request = request_of();
  request.gpus = {kGpu0.to_string()};
  // 64 GiB and a few MiB of two functions: 128 GiB, and as much for the spare port.
  EXPECT_THAT(render_domain(host, request, place(host, request)),
              HasSubstr("<pcihole64 unit='GiB'>512</pcihole64>"));
}

TEST(RenderWindow, LeavesOutRoomForLaterCardsWhereTheHostMayNotHaveIt) {
  Host host = host_with(64 * kGiB);
  Request request = request_of();
  request.gpus = {kGpu0.to_string()};
  const auto text = [&] { return render_domain(host, request, place(host, request)); };
  EXPECT_THAT(text(), HasSubstr("<pcihole64 unit='GiB'>256</pcihole64>")) << "its width is unknown";
  host.cpu_address_bits = 39u;
  EXPECT_THAT(text(), HasSubstr("<pcihole64 unit='GiB'>256</pcihole64>"));
  host.cpu_address_bits = 38u;
  EXPECT_THROW(text(), Error);
}

TEST(RenderWindow, KeepsWhatABaseHandsToQemu) {
  const std::string base =
      "<domain type='kvm' xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>\n  <os firmware='efi'>\n"
      "    <type machine='q35'>hvm</type>\n  </os>\n  <q:commandline>\n    <q:arg value='-snapshot'/>\n"
      "    <q:arg value='-fw_cfg'/>\n    <q:arg value='opt/ovmf/X-PciMmio64Mb,string=65536'/>\n"
      "    <q:env name='A' value='b'/>\n  </q:commandline>\n</domain>\n";
  Request request = complete_request(request_of(), base);
  const std::string text = domain_for(host_with(128 * kGiB), base, request);
  EXPECT_THAT(text,
              HasSubstr("  <q:commandline>\n    <q:arg value='-snapshot'/>\n    <q:arg value='-fw_cfg'/>\n"
                        "    <q:arg value='opt/ovmf/X-PciMmio64Mb,string=2097152'/>\n"
                        "    <q:env name='A' value='b'/>\n  </q:commandline>"));
  EXPECT_THAT(text, HasSubstr("<q:override>"));
  EXPECT_THAT(text, Not(HasSubstr("xmlns:qemu")));
  EXPECT_EQ(domain_for(host_with(128 * kGiB), text, request), text);
}

/// The value stands in the XML with escapes, and QEMU takes further properties behind the number.
TEST(RenderWindow, KeepsWhatElseIsInTheArgument) {
  const auto base = [](const char* window) {
    return std::string(
               "<domain type='kvm' xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>\n"
               "  <os firmware='efi'>\n    <type machine='q35'>hvm</type>\n  </os>\n  <q:commandline>\n"
               "    <q:arg value='-fw_cfg'/>\n    <q:arg value='name=a&amp;&quot;&lt;&#10;b "
               "opt/ovmf/X-PciMmio64Mb,string=") +
           window + ",x=y'/>\n  </q:commandline>\n</domain>\n";
  };
  const auto made = [&](const char* window) {
    const Request request = complete_request(request_of(), base(window));
    return domain_for(host_with(128 * kGiB), base(window), request);
  };
  EXPECT_THAT(made("1"), HasSubstr("<q:arg value='name=a&amp;&quot;&lt;&#10;b "
                                   "opt/ovmf/X-PciMmio64Mb,string=2097152,x=y'/>"));
  EXPECT_THAT(made("4194304"), HasSubstr("string=4194304,x=y'/>"));
}

TEST(RenderWindow, KeepsALargerOne) {
  const std::string first = domain_for(host_with(128 * kGiB));
  EXPECT_EQ(domain_for(host_with(64 * kGiB), first), first);
  EXPECT_EQ(domain_for(two_sockets(), first), first);
}

TEST(RenderWindow, WidensTheAddressesOfACpuModel) {
  const auto base = [](const char* mode) {
    return std::string(
               "<domain type='kvm'>\n  <os firmware='efi'>\n    <type machine='q35'>hvm</type>\n  </os>\n"
               "  <cpu mode='") +
           mode + "'/>\n</domain>\n";
  };
  const Host host = host_with(128 * kGiB);
  for (const char* mode : {"custom", "host-model"}) {
    const std::string text = domain_for(host, base(mode));
    EXPECT_THAT(text, HasSubstr("<maxphysaddr mode='passthrough'/>"));
    EXPECT_EQ(domain_for(host, text), text);
  }
  EXPECT_THAT(domain_for(host, base("host-passthrough")), Not(HasSubstr("maxphysaddr")));
  EXPECT_THAT(domain_for(host_with(32 * kGiB), base("custom")), Not(HasSubstr("maxphysaddr")))
      << "40 bits do";
  Request emulated = request_of();
  emulated.virt_type = VirtType::Qemu;
  EXPECT_THAT(domain_for(host, base("custom"), emulated), Not(HasSubstr("maxphysaddr")));
}

TEST(RenderWindow, BelievesNoAbsurdSize) {
  EXPECT_THAT(domain_for(host_with(std::uint64_t{1} << 63)), HasSubstr("<pcihole64 unit='GiB'>2097152<"));
}

}  // namespace
}  // namespace gpupass::window_test
