// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "guest/edit/hostdev.hpp"
#include "support/folders.hpp"
#include "support/shared_hosts.hpp"
#include "support/two_cells.hpp"
#include "support/two_sockets.hpp"
#include "values/sizes.hpp"

namespace gpupass::base_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// What people write: their own order, quotes, blanks, comments, other people's namespaces.
const std::string kBase = R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- build farm, do not touch -->
<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
    <name>template</name>
    <uuid>583a8e8e-f0ce-4f53-89ab-092862148b25</uuid>
    <metadata>
        <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
            <libosinfo:os id="http://debian.org/debian/12"/>
        </libosinfo:libosinfo>
    </metadata>
    <memory unit='MiB' dumpCore='off'>4096</memory>   <!-- was 2048 -->
    <memoryBacking><access mode='shared'/></memoryBacking>
    <vcpu placement='static' cpuset='0-3' current="2">4</vcpu>
    <iothreads>1</iothreads>
    <cputune>
        <shares>2048</shares>
        <vcpupin vcpu='0' cpuset='1'/>
        <vcpupin vcpu='7' cpuset='5'/>
        <iothreadpin iothread='1' cpuset='0'/>
    </cputune>

    <os>
        <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
        <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
        <nvram>/var/lib/libvirt/qemu/nvram/a_VARS.fd</nvram>
    </os>
    <features><acpi/><apic/></features>
    <cpu mode="host-passthrough" check='none'>
        <!-- as the host -->
        <cache mode='passthrough'/>
        <numa><cell id='0' cpus='0-3' memory='4194304' unit='KiB' memAccess='shared'/></numa>
    </cpu>
    <devices>
        <emulator>/opt/qemu/bin/qemu-system-x86_64</emulator>
        <controller type='pci' index='0' model='pcie-root'/>
        <controller type='pci' index='3' model='pcie-root-port'/> <!-- for the NIC -->
        <interface type='bridge'>
            <mac address='52:54:00:4f:de:10'/>
            <source bridge='br0'/>
            <address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>
        </interface>
    </devices>
    <qemu:commandline><qemu:arg value='-snapshot'/></qemu:commandline>
</domain>
<!-- end -->
)";

Request request_from(std::string_view base, PciAddress gpu = kGpu0) {
  Request result;
  result.gpus = {gpu.to_string()};
  result.name = "patched";
  return complete_request(result, base);
}

std::string patched(const Host& host, const Request& asked, std::string_view base) {
  return render_domain(host, asked, place(host, asked), base);
}

/// A base with these lines among the devices.
std::string with_devices(const std::string& lines, const std::string& machine = "q35") {
  return "<domain type='kvm'>\n  <name>a</name>\n  <memory unit='GiB'>1</memory>\n  <vcpu>2</vcpu>\n  <os>\n"
         "    <type machine='" +
         machine + "'>hvm</type>\n  </os>\n  <devices>\n" + lines + "  </devices>\n</domain>\n";
}

std::string hostdev(const std::string& function, const std::string& guest,
                    const std::string& managed = "no") {
  return "    <hostdev mode='subsystem' type='pci' managed='" + managed +
         "'>\n      <source>\n        <address bus='0x41' "
         "slot='0x0' function='" +
         function + "'/>\n      </source>\n" +
         (guest.empty() ? "" : "      <address type='pci' " + guest + "/>\n") + "    </hostdev>\n";
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The lines of `left` that `right` does not have in the same order: a line diff.
std::vector<std::string> lines_missing(const std::string& left, const std::string& right) {
  const std::vector<std::string> a = lines_of(left), b = lines_of(right);
  std::vector<std::vector<std::size_t>> common(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      common[i][j] = a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  std::vector<std::string> missing;
  for (std::size_t i = 0, j = 0; i < a.size();) {
    if (j < b.size() && a[i] == b[j])
      ++i, ++j;
    else if (j < b.size() && common[i][j + 1] >= common[i + 1][j])
      ++j;
    else
      missing.push_back(a[i++]);
  }
  return missing;
}

// --- patching ---

TEST(RenderDomainBase, ChangesJustWhatIsAsked) {
  Request asked = request_from(kBase);
  EXPECT_EQ(asked.vcpus, 4u);
  EXPECT_EQ(asked.memory_bytes, 4 * kGiB);
  EXPECT_EQ(asked.firmware, Firmware::Uefi);
  EXPECT_EQ(asked.virt_type, VirtType::Kvm);
  EXPECT_EQ(asked.page_size_bytes, 0u);
  EXPECT_EQ(asked.numa, std::nullopt);
  asked.vcpus = 6;
  asked.page_size_bytes = kGiB;
  asked.disks = {"/images/plain.img"};
  const std::string text = patched(two_sockets(), asked, kBase);
  const std::string path = source_path("tests/render/golden/patched-base.xml");
  if (std::getenv("GPUPASS_REGENERATE_GOLDENS")) std::ofstream(path, std::ios::binary) << text;
  std::ifstream in(path, std::ios::binary);
  EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(in), {}));
  EXPECT_EQ(patched(two_sockets(), asked, text), text) << "twice";
  EXPECT_THAT(lines_missing(kBase, text),
              ElementsAre(HasSubstr("<name>"), HasSubstr("<memoryBacking>"), HasSubstr("<vcpu"),
                          HasSubstr("vcpu='7'"), HasSubstr("<numa>")));
}

TEST(RenderDomainBase, MemoryOfAnOddSizeIsRoundedUpToWholePages) {
  const auto base = [](const char* memory) {
    return std::string("<domain type='kvm'><name>a</name><memory unit='MiB'>") + memory +
           "</memory><memoryBacking><hugepages><page size='2048' unit='KiB'/></hugepages></memoryBacking>"
           "<vcpu>2</vcpu><os><type machine='q35'>hvm</type></os></domain>";
  };
  EXPECT_EQ(request_from(base("4097")).memory_bytes, 4098 * kMiB) << "as QEMU does";
  EXPECT_EQ(request_from(base("4098")).memory_bytes, 4098 * kMiB);
  Request asked;
  asked.memory_bytes = 4097 * kMiB;
  EXPECT_EQ(complete_request(asked, base("4097")).memory_bytes, 4097 * kMiB) << "the user's own";
}

std::string on_root_slot(unsigned slot) {
  return "<address type='pci' domain='0' bus='0' slot='" + std::to_string(slot) + "' function='0'/>";
}

std::string guest_slots(unsigned first, unsigned last, const std::string& more) {
  std::string lines = more;
  for (unsigned slot = first; slot <= last; ++slot)
    lines += "    <interface type='user'>" + on_root_slot(slot) + "</interface>\n";
  return lines;
}

TEST(RenderDomainBase, AFullRootBusOfConventionalPciHasMoreRoom) {
  const std::string bridge =
      "    <controller type='pci' index='1' model='pci-bridge'>" + on_root_slot(3) + "</controller>\n";
  const auto given_to = [](const std::string& lines) {
    const std::string base = with_devices(lines, "pc");
    return patched(two_sockets(), request_from(base), base);
  };
  EXPECT_THAT(given_to(guest_slots(4, 31, bridge)), HasSubstr("bus='0x00' slot='0x02' function='0x0' multi"));
  EXPECT_THAT(given_to(guest_slots(4, 31, bridge + "    <video/>\n")),
              HasSubstr("bus='0x01' slot='0x1f' function='0x0' multi"))
      << "slot 2 is for the display";
  EXPECT_THAT(given_to(guest_slots(4, 31, bridge + "    <sound>" + on_root_slot(2) + "</sound>\n")),
              HasSubstr("bus='0x01' slot='0x1f' function='0x0' multi"));
  EXPECT_THROW(given_to(guest_slots(2, 31, "")), Error);
}

TEST(RenderDomainBase, ASwitchWithoutAddressWaitsForAPort) {
  const auto ports = [](const std::string& lines) {
    const std::string base = with_devices(lines + "    <memballoon model='none'/>\n");
    return count(patched(two_sockets(), request_from(base), base), "model='pcie-root-port'");
  };
  const std::string port = "    <controller type='pci' index='1' model='pcie-root-port'/>\n";
  for (const std::string model : {"pcie-switch-upstream-port", "pcie-to-pci-bridge"})
    EXPECT_EQ(ports(port + "    <controller type='pci' index='2' model='" + model + "'/>\n"), ports(port) + 1)
        << model;
}

TEST(RenderDomainBase, MediatedDevicesStandForNoGpus) {
  const DeviceId mediated = *DeviceId::parse("c73f1fa6-489e-4834-9476-d70dabd98c40");
  const auto domain = [](const std::string& devices) {
    return "<domain><name>guest1</name><devices>" + devices + "</devices></domain>";
  };
  const Host host = two_sockets_with_companions();
  EXPECT_THAT(keep_gpus({}, host, domain(hostdev_xml(mediated) + hostdev_xml(kGpu1))).gpus,
              testing::ElementsAre(kGpu1.to_string()));
  Request counted;
  counted.gpu_count = 1;
  EXPECT_EQ(keep_gpus(counted, host, domain(hostdev_xml(mediated))), counted);
  try {
    keep_gpus({}, host, domain(hostdev_xml(mediated)));
    ADD_FAILURE() << "a whole GPU would be added unasked";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Refused);
    EXPECT_THAT(error.what(), HasSubstr(mediated.to_string()));
  }
  Host sliced = host;
  sliced.uses = std::vector<DeviceUse>{{kGpu1, DeviceUse::Kind::Mdev, mediated.to_string()}};
  const Request kept = keep_gpus({}, sliced, domain(hostdev_xml(mediated)));
  EXPECT_TRUE(kept.gpus.empty()) << "a whole GPU would be added unasked";
  EXPECT_THAT(kept.devices, testing::ElementsAre(mediated.to_string()));
}

TEST(RenderDomainBase, RefusesAMediatedDeviceInThePlaceOfAGpu) {
  const DeviceId mediated = *DeviceId::parse("c73f1fa6-489e-4834-9476-d70dabd98c40");
  Request request;
  request.vcpus = 8;
  request.memory_bytes = kGiB;
  Placement placement = two_cells(request);
  placement.gpus.push_back(mediated);
  try {
    render_domain(two_sockets(), request, placement);
    ADD_FAILURE() << "a device that was placed would be missing";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Refused);
    EXPECT_EQ(error.subject(), mediated.to_string());
  }
}

// What a definition says counts until the request says otherwise.
TEST(RenderDomainBase, CompletesTheRequest) {
  Request asked;
  asked.gpus = {kGpu1.to_string()};
  asked.virt_type = VirtType::Qemu;
  asked.numa = NumaPolicy::Preferred;
  asked.page_size_bytes = kGiB;
  asked.devices = {kNic.to_string()};
  const Host host = two_sockets_with_companions();
  const std::string base = render_domain(host, asked, place(host, asked));
  Request kept;
  kept.name = asked.name;
  kept = keep_gpus(complete_request(kept, base), host, base);
  EXPECT_EQ(kept.virt_type, VirtType::Qemu);
  EXPECT_EQ(kept.numa, NumaPolicy::Preferred);
  EXPECT_EQ(kept.page_size_bytes, kGiB);
  EXPECT_EQ(kept.devices, asked.devices);
  EXPECT_EQ(kept.gpus, asked.gpus);
  EXPECT_EQ(patched(host, kept, base), base);
}

// What a guest that runs holds of the host is its own at its next start.
TEST(RenderDomainBase, ChangesNothingWhileTheGuestRuns) {
  for (const bool huge : {true, false}) {
    Host host = two_sockets();
    for (NumaNode& node : *host.numa_nodes) node.memory_bytes = 64 * kGiB;
    Request asked;
    asked.name = "runs";
    asked.vcpus = 4;
    asked.gpus = {kGpu0.to_string()};
    asked.page_size_bytes = huge ? kGiB : 0;
    asked.memory_bytes = huge ? host.numa_nodes->front().huge_pages[1].free * kGiB : 32 * kGiB;
    const std::string base = patched(host, asked, "");
    Domain guest = running_guest("runs", {kGpu0}, {});
    guest.live_xml = base;
    host.domains = std::vector<Domain>{guest};
    host.numa_nodes->front().huge_pages[1].free = huge ? 0 : 16;
    host.numa_nodes->front().free_bytes = huge ? 32 * kGiB : kGiB;
    EXPECT_EQ(patched(host, asked, base), base);
    asked.name = "another";
    EXPECT_THROW(place(host, asked), Error);
  }
}

TEST(RenderDomainBase, KeepsEqualThingsHoweverTheyAreWritten) {
  const Request asked = request_from(kBase);
  const std::string text = patched(two_sockets(), asked, kBase);
  EXPECT_THAT(text, HasSubstr("<memory unit='MiB' dumpCore='off'>4096</memory>   <!-- was 2048 -->"));
  EXPECT_THAT(text, HasSubstr("<cell id='0' cpus='0-3' memory='4194304' unit='KiB' memAccess='shared'/>"));
  EXPECT_THAT(text, HasSubstr("<vcpupin vcpu='0' cpuset='1'/>"));
}

TEST(RenderDomainBase, TurnsToQemuWhereAsked) {
  Request asked = request_from(kBase);
  asked.virt_type = VirtType::Qemu;
  const std::string text = patched(two_sockets(), asked, kBase);
  EXPECT_THAT(text, HasSubstr("<domain type='qemu' xmlns:qemu="));
  EXPECT_THAT(text, HasSubstr("<cpu mode=\"maximum\" check='none'>"));
  std::string custom = kBase;
  custom.replace(custom.find("host-passthrough"), 16, "custom");
  EXPECT_THAT(patched(two_sockets(), asked, custom), HasSubstr("<cpu mode=\"custom\" check='none'>"));
}

TEST(RenderDomainBase, ChangesTheFirmwareOnlyWhenAsked) {
  Request asked = request_from(kBase);
  asked.firmware = Firmware::Bios;
  const std::string text = patched(two_sockets(), asked, kBase);
  EXPECT_THAT(text, AllOf(Not(HasSubstr("<loader")), Not(HasSubstr("<nvram"))));
  asked.firmware = Firmware::Uefi;
  EXPECT_THAT(patched(two_sockets(), asked, text), HasSubstr("<os firmware='efi'>"));
}

TEST(RenderDomainBase, ExchangesPages) {
  const auto base_with = [](const std::string& backing) {
    return "<domain type='kvm'><os><type>hvm</type></os>\n  <memory>4194304</memory>\n" + backing +
           "</domain>\n";
  };
  const std::string huge = base_with("  <memoryBacking>\n    <hugepages/>\n  </memoryBacking>\n");
  Request asked = request_from(huge);
  asked.page_size_bytes = 0;
  EXPECT_THAT(patched(two_sockets(), asked, huge), Not(HasSubstr("memoryBacking")));
  const std::string locked =
      base_with("  <memoryBacking>\n    <hugepages/>\n    <locked/>\n  </memoryBacking>\n");
  EXPECT_THAT(patched(two_sockets(), asked, locked),
              HasSubstr("<memoryBacking>\n    <locked/>\n  </memoryBacking>"));
  asked.page_size_bytes = kGiB;
  EXPECT_THAT(patched(two_sockets(), asked, huge),
              HasSubstr("<hugepages>\n      <page size='1' unit='GiB'/>"));
  for (const char* page : {"<page size='1048576'/>", "<page size=\"1\" unit='G' nodeset='0'/>"})
    EXPECT_THAT(patched(two_sockets(), asked,
                        base_with(std::string("  <memoryBacking><hugepages>") + page +
                                  "</hugepages></memoryBacking>\n")),
                HasSubstr(std::string("<hugepages>") + page + "</hugepages>"));
}

/// The hole of 64 bits for the cards would be that of a second root bus.
TEST(RenderDomainBase, RefusesAnotherRootBusOnQ35) {
  const std::string base =
      "<domain type='kvm'><os><type "
      "machine='q35'>hvm</type></os><memory>4194304</memory><devices><controller "
      "type='pci' index='0' model='pci-root'/></devices></domain>";
  EXPECT_THAT([&] { patched(two_sockets(), request_from(base), base); },
              testing::ThrowsMessage<Error>(HasSubstr("saw the root bus \"pci-root\"")));
}

TEST(RenderDomainBase, ReplacesCellsThatAreNotAsked) {
  const std::string base =
      "<domain type='kvm'><os><type>hvm</type></os>\n  <vcpu>4</vcpu>\n  <numatune>\n    <memory "
      "mode='interleave' nodeset='0-1'/>\n  "
      "</numatune>\n"
      "  <cpu>\n    <numa>\n      <cell id='0' cpus='0-1' memory='1' unit='GiB'/>\n"
      "      <cell id='1' cpus='2-3' memory='1' unit='GiB'/>\n    </numa>\n  </cpu>\n</domain>\n";
  const std::string text = patched(two_sockets(), request_from(base), base);
  EXPECT_EQ(count(text, "<cell "), 1u);
  EXPECT_THAT(text, HasSubstr("<memory mode='strict' nodeset='0'/>"));
}

// --- devices ---

TEST(RenderDomainBase, GivesTheCardAPortOfItsOwn) {
  const std::string base = with_devices(
      "    <controller type='pci' index='0' model='pcie-root'/>\n"
      "    <controller type='pci' index='7' model='pcie-root-port'/>\n");
  const std::string text = patched(two_sockets(), request_from(base), base);
  EXPECT_THAT(text, HasSubstr("index='7' model='pcie-root-port'/>\n    <controller type='pci' index='8' "
                              "model='pcie-expander-bus'>"));
  EXPECT_THAT(text, HasSubstr("index='9' model='pcie-root-port'>\n      <address type='pci' domain='0x0000' "
                              "bus='0x08' slot='0x00' function='0x0'/>"));
  EXPECT_THAT(text, HasSubstr("bus='0x09' slot='0x00' function='0x0' multifunction='on'/>"));
  EXPECT_THAT(text, HasSubstr("bus='0x09' slot='0x00' function='0x1'/>"));
}

TEST(RenderDomainBase, TakesAFreeSlotWhereThereAreNoPorts) {
  const std::string base = with_devices(
      "    <hub type='usb'><address type='pci' bus='0' slot='0x1f' function='0'/></hub>\n", "pc-i440fx-7.2");
  const std::string text = patched(two_sockets(), request_from(base), base);
  EXPECT_THAT(text, Not(HasSubstr("pcie-root-port")));
  EXPECT_THAT(text, HasSubstr("bus='0x00' slot='0x1e' function='0x0' multifunction='on'/>"));
  EXPECT_THAT(text, HasSubstr("bus='0x00' slot='0x1e' function='0x1'/>"));
}

TEST(RenderDomainBase, MakesTheDevices) {
  const std::string base = "<domain type='kvm'><os><type>hvm</type></os><vcpu>2</vcpu></domain>";
  const std::string text = patched(two_sockets(), request_from(base), base);
  EXPECT_EQ(count(text, "<hostdev "), 2u);
  EXPECT_EQ(count(text, "\n"), 0u) << "what is on one line stays on it";
}

TEST(RenderDomainBase, LeavesADeviceWhereItIs) {
  const std::string base =
      with_devices(hostdev("0", "bus='0x02' slot='0x00' function='0x0' multifunction='on'") +
                   hostdev("1", "bus='0x05' slot='0x00' function='0x0'"));
  const std::string text = patched(two_sockets(), request_from(base), base);
  EXPECT_EQ(text.substr(text.find("  <devices>")), base.substr(base.find("  <devices>")));
}

TEST(RenderDomainBase, PutsTheRestOfTheCardBesideIt) {
  const std::string base = with_devices(hostdev("0", "bus='0x02' slot='0x04' function='0x0'"));
  const std::string text = patched(two_sockets(), request_from(base), base);
  EXPECT_EQ(count(text, "<hostdev "), 2u);
  EXPECT_EQ(count(text, "<controller "), 0u);
  EXPECT_THAT(text, HasSubstr("bus='0x02' slot='0x04' function='0x0' multifunction='on'/>"));
  EXPECT_THAT(text, HasSubstr("bus='0x02' slot='0x04' function='0x1'/>"));
}

TEST(RenderDomainBase, GivesTheRestAPortWhereThatPlaceIsTaken) {
  const std::string base =
      with_devices(hostdev("0", "bus='0x02' slot='0x00' function='0x0'") +
                   "    <hub type='usb'><address type='pci' bus='2' slot='0' function='1'/></hub>\n");
  const std::string text = patched(two_sockets(), request_from(base), base);
  EXPECT_THAT(text, HasSubstr("bus='0x03' slot='0x00' function='0x0'/>"));
}

TEST(RenderDomainBase, TakesTheDriverOutOfLibvirtsHands) {
  const std::string base = with_devices(hostdev("0", "", "yes") + hostdev("1", "", "yes"));
  const std::string text = patched(two_sockets(), request_from(base), base);
  EXPECT_EQ(count(text, "managed='no'"), 2u);
  EXPECT_EQ(count(text, "<hostdev "), 2u);
}

TEST(RenderDomainBase, ExchangesTheGpuThatItGaveBefore) {
  const std::string base = with_devices(
      "    <hostdev mode='subsystem' type='pci' managed='no'>\n      <source>\n        <address "
      "bus='0x51'/>\n"
      "      </source>\n    </hostdev>\n");
  const std::string first = patched(two_sockets(), request_from(base), base);
  const std::string second = patched(two_sockets(), request_from(first, kGpu1), first);
  EXPECT_EQ(count(second, "bus='0x41'"), 0u);
  EXPECT_EQ(count(second, "bus='0xc1'"), 1u);
  EXPECT_EQ(count(second, "bus='0x51'"), 1u) << "what the user put there stays";
  EXPECT_THAT(second, HasSubstr("<gpupass:gpu address='0000:c1:00.0'"));
}

TEST(RenderDomainBase, RefusesAFullMachine) {
  const std::string base = with_devices("    <controller type='pci' index='255' model='pcie-root-port'/>\n");
  EXPECT_THROW(patched(two_sockets(), request_from(base), base), Error);
}

// --- bases that are none ---

TEST(RenderDomainBase, NamesWhatIsWrong) {
  const auto complaint = [](const std::string& base) -> std::string {
    try {
      patched(two_sockets(), request_from(base), base);
    } catch (const Error& error) {
      return error.what();
    }
    return "no complaint";
  };
  EXPECT_THAT(complaint("<domain type='kvm'><vcpu>many</vcpu></domain>"),
              HasSubstr("saw \"many\" as <vcpu>"));
  EXPECT_THAT(complaint("<domain type='kvm'><vcpu>0</vcpu></domain>"), HasSubstr("expected a number from 1"));
  EXPECT_THAT(complaint("<domain type='kvm'><memory unit='pebbles'>3</memory></domain>"),
              HasSubstr("as <memory>"));
  EXPECT_THAT(complaint("<domain type='kvm'><memory unit='EiB'>16</memory></domain>"),
              HasSubstr("as <memory>"));
  EXPECT_THAT(complaint("<domain type='kvm'><os><type arch='aarch64'>hvm</type></os></domain>"),
              HasSubstr("architecture \"aarch64\", expected x86_64"));
  EXPECT_THAT(complaint("<domain type='xen'/>"), HasSubstr("saw type \"xen\", expected kvm or qemu"));
  EXPECT_THAT(complaint(with_devices(hostdev("9", ""))), HasSubstr("saw \"9\" as the function"));
}

TEST(RenderDomainBase, TruncatedAnywhereIsRefused) {
  const Host host = two_sockets();
  const Request asked = request_from(kBase);
  const Placement placement = place(host, asked);
  const std::size_t complete = kBase.find("</domain>") + 9;
  for (std::size_t length = 1; length < complete; ++length)
    EXPECT_THROW(render_domain(host, asked, placement, std::string_view(kBase).substr(0, length)), Error)
        << length;
}

TEST(RenderDomainBase, ThatIsNoUtf8IsRefused) {
  const Host host = two_sockets();
  const Request asked = request_from(kBase);
  std::string base = kBase;
  base.insert(base.find("</name>"), "\xe9");
  EXPECT_THROW(render_domain(host, asked, place(host, asked), base), Error);
}

TEST(RenderDomainBase, SurvivesAnyByte) {
  const Host host = two_sockets();
  const Request asked = request_from(kBase);
  const Placement placement = place(host, asked);
  const std::string bytes("<>/\"'& \0\xffx=", 11);
  for (std::size_t at = 0; at < kBase.size(); ++at) {
    std::string base = kBase;
    base[at] = bytes[at % bytes.size()];
    try {
      const std::string once = render_domain(host, asked, placement, base);
      EXPECT_EQ(render_domain(host, asked, placement, once), once) << at;
    } catch (const Error&) {
    }
  }
}

// --- users' own ---

std::vector<std::filesystem::path> shared_domains() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(shared_hosts() + "/domain-xml"))
    if (entry.path().extension() == ".xml") found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The host on which users' domains are patched: its first GPU is the one that they have.
Host host_with_gpu_at(PciAddress gpu) {
  Host host = two_sockets();
  PciAddress audio = gpu;
  audio.function = 1;
  function_of(host, kGpu0).address = gpu;
  function_of(host, kAudio0).address = audio;
  (*host.groups)[0].members = {gpu, audio};
  std::ranges::sort(host.functions, {}, &PciFunction::address);
  return host;
}

/// Patches a user's domain, and once more; the lines that are gone have to match.
void expect_changes_only(const std::regex& changed, const Host& host, const Request& asked,
                         const Placement& placement, const std::string& base) {
  const std::string once = render_domain(host, asked, placement, base);
  EXPECT_EQ(render_domain(host, asked, placement, once), once);
  for (const std::string& line : lines_missing(base, once))
    EXPECT_TRUE(std::regex_match(line, changed)) << line;
}

const std::string kPlacedLines =
    "\\s*</"
    "?(name|memory|currentMemory|memoryBacking|hugepages|page|vcpu|vcpupin|emulatorpin|iothreadpin|numatune|"
    "memnode|numa|cell|topology)[ />].*|\\s*<domain type=.*|\\s*<cpu mode=.*|.*managed='yes'.*";

TEST(RenderDomainBase, ChangesUsersDomainsOnlyWhereAsked) {
  SKIP_WITHOUT_SHARED_HOSTS();
  const std::regex changed(kPlacedLines + "|\\s*<address type='pci' .*function='0x0'/>");
  for (const auto& path : shared_domains())
    for (const PciAddress gpu :
         {PciAddress{0, 4, 0, 0}, PciAddress{0, 0x0b, 0, 0}, PciAddress{0, 6, 0, 0}, kGpu0})
      for (const VirtType type : {VirtType::Kvm, VirtType::Qemu}) {
        SCOPED_TRACE(path.string() + " " + gpu.to_string());
        const std::string base = content_of(path);
        const Host host = host_with_gpu_at(gpu);
        Request asked = request_from(base, gpu);
        asked.vcpus = std::min(*asked.vcpus, 14u);
        asked.virt_type = type;
        expect_changes_only(changed, host, asked, place(host, asked), base);
      }
}

TEST(RenderDomainBase, SpreadsUsersDomainsOverTwoNodes) {
  SKIP_WITHOUT_SHARED_HOSTS();
  // A card that is moved gets another address, and the root bus a larger window.
  const std::regex changed(kPlacedLines +
                           "|\\s*<address type='pci' .*/>|\\s*<controller .*model='pcie?-root'/>");
  for (const auto& path : shared_domains())
    for (const PciAddress gpu : {PciAddress{0, 4, 0, 0}, PciAddress{0, 6, 0, 0}, kGpu0}) {
      SCOPED_TRACE(path.string() + " " + gpu.to_string());
      const std::string base = content_of(path);
      Host host = host_with_gpu_at(gpu);
      set_large_bar(host, gpu, 128 * kGiB);
      Request asked = request_from(base, gpu);
      asked.vcpus = 8;
      asked.page_size_bytes = 2 << 20;
      Placement placement = two_cells(asked);
      placement.gpus = {gpu, kGpu1};
      std::ranges::sort(placement.gpus);
      expect_changes_only(changed, host, asked, placement, base);
    }
}

TEST(RenderDomainBase, SurvivesTruncatedUsersDomains) {
  SKIP_WITHOUT_SHARED_HOSTS();
  for (const auto& path : shared_domains()) {
    const std::string base = content_of(path);
    for (std::size_t length = 1; length < base.rfind("</domain>"); length += 13)
      EXPECT_THROW(complete_request({}, std::string_view(base).substr(0, length)), Error)
          << path << ' ' << length;
  }
}

}  // namespace
}  // namespace gpupass::base_test
