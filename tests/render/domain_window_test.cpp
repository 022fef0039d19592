// SPDX-License-Identifier: LGPL-2.1-or-later
// Addresses for cards with large memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "support/two_cells.hpp"
#include "support/two_sockets.hpp"

namespace gpupass {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

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

/// The aliases of ports for which addresses are kept.
std::vector<std::string> reserves(const std::string& text) {
  pugi::xml_document document;
  document.load_string(text.c_str());
  std::vector<std::string> found;
  for (const pugi::xml_node device : document.child("domain").child("qemu:override").children())
    found.push_back(device.attribute("alias").value() + std::string(" ") +
                    device.child("qemu:frontend").child("qemu:property").attribute("value").value());
  return found;
}

TEST(RenderWindow, LeavesSmallCardsToTheDefaults) {
  // 16 GiB and 32 MiB each: two windows of 32 GiB would be more than QEMU's, one is not.
  Request request = request_of();
  request.gpus = {kGpu0.to_string()};
  const Host host = host_with(16 * kGiB);
  const std::string text = render_domain(host, request, place(host, request));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("pcihole64")), Not(HasSubstr("qemu:"))));
  EXPECT_THAT(domain_for(host), HasSubstr("pcihole64"));
}

TEST(RenderWindow, HoldsEveryCardAndEverySparePort) {
  // 128 GiB and 32 MiB: the next card begins 256 GiB further. Two cards, two spare ports: 1 TiB and a little.
  const std::string text = domain_for(host_with(128 * kGiB));
  EXPECT_THAT(text, HasSubstr("model='pcie-root'>\n      <pcihole64 unit='GiB'>2048</pcihole64>"));
  EXPECT_THAT(text, HasSubstr("<qemu:arg value='-fw_cfg'/>\n    <qemu:arg "
                              "value='name=opt/ovmf/X-PciMmio64Mb,string=2097152'/>"));
  EXPECT_THAT(text, HasSubstr("<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"));
  EXPECT_THAT(reserves(text), ElementsAre("pci.9 274877906944", "pci.11 274877906944"));
  EXPECT_EQ(domain_for(host_with(128 * kGiB), text), text);
}

TEST(RenderWindow, HoldsThePartOfEachExpanderWhereItMayBegin) {
  // Two of 16 GiB exactly, and two spare ports of 16 GiB: 64 GiB would hold them, were it not for what comes
  // before.
  Host host = two_sockets();
  for (const PciAddress gpu : {kGpu0, kGpu1})
    function_of(host, gpu).bars = std::vector<Bar>{{1, 0, 16 * kGiB, true, true, true}};
  EXPECT_THAT(domain_for(host), Not(HasSubstr("pcihole64"))) << "32 GiB are QEMU's own";
  set_large_bar(host, kGpu0, 16 * kGiB);
  // 32 GiB for that card and 32 GiB for its spare port; 48, and so 64 GiB, for the other cell; 32 GiB in
  // front.
  EXPECT_THAT(domain_for(host), HasSubstr("<pcihole64 unit='GiB'>256</pcihole64>"));
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
  Request request = request_of();
  request.gpus = {kGpu0.to_string()};
  // 64 GiB and a few MiB of two functions: 128 GiB, and as much for the spare port.
  EXPECT_THAT(render_domain(host, request, place(host, request)),
              HasSubstr("<pcihole64 unit='GiB'>512</pcihole64>"));
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
}  // namespace gpupass
