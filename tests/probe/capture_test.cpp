// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/capture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "gpupass/probe.hpp"
#include "support/host_builder.hpp"
#include "support/host_difference.hpp"
#include "support/memory_system.hpp"
#include "support/open_host.hpp"
#include "support/shared_hosts.hpp"

namespace gpupass::capture_test {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kGpu = "/sys/bus/pci/devices/0000:02:00.0/";

Host probed(const System& system) {
  return probe(system, {Parts::everything(), {}});
}

/// A machine with an identifier in each place that has one.
MemorySystem machine_with_identity() {
  auto machine = machine_with_gpu();
  std::string config(4096, '\0');
  const auto put = [&config](std::size_t at, const std::string& bytes) {
    config.replace(at, bytes.size(), bytes);
  };
  put(0x06, "\x10");
  put(0x34, "\x40");
  put(0x40, "\x10");
  put(0x100, std::string("\x03\x00\x01\x00\xf0\xde\xbc\x9a\x78\x56\x34\x12", 12));
  machine.file(kGpu + "config", config)
      .file("/sys/bus/pci/devices/0000:02:00.1/config", config)
      .file("/proc/driver/nvidia/gpus/0000:02:00.0/information",
            "GPU UUID: \t GPU-0A1B2C3D-1111-2222-3333-444455556666\n")
      .folder("/sys/class/iommu")
      .file("/proc/cmdline", "root=UUID=deadbeef-0000-1111-2222-333344445555 iommu=pt rd.luks.key=hunter2\n")
      .file("/proc/interrupts", " 24: 123456 0 PCI-MSI 65536-edge secret-interface\n")
      .file("/proc/cpuinfo", "vendor_id\t:   Shanghai  \nflags\t\t: lm\nserial\t\t: hunter2\n")
      .symlink("/proc/1/fd/3", "/home/somebody/private")
      .symlink("/proc/4711/fd/17", "/dev/vfio/7")
      .symlink("/proc/4711/fd/18", "/var/lib/private/letter")
      .file("/proc/4711/comm", "qemu-system-x86\n")
      .symlink("/proc/4712/fd/18", "/home/somebody/else")
      .symlink("/sys/class/block/sda1", "../../devices/pci0000:00/0000:00:03.0/ata1/block/sda/sda1")
      .file("/proc/self/mountinfo",
            "30 1 254:3 / /home/somebody rw - ext4 /dev/mapper/hunter2-letters rw\n31 1 0:26 / / rw - btrfs "
            "/dev/sda1 rw\n"
            "32 1 0:27 / / rw - zfs hunter2/root rw\n33 1 0:28 / / rw - nfs somebody:/letter rw\n")
      .file("/run/gpupass/home/0000:02:00.0",
            R"({"format":1,"driver":"nvidia","driver_override":"","vendor":"10de","device":"2330",)"
            R"("serial":"123456789abcdef0","uuid":"feed4d5e6f708192","path":"pci0000:00/01.0/00.0"})")
      .file("/proc/swaps",
            "Filename Type\n/dev/mapper/hunter2-swap partition 1 0 -2\n/dev/sda1 partition 1 0 -2\n");
  const std::string xml =
      "<domain type='kvm'>\n  <name>guest</name>\n  <metadata><o:owner xmlns:o='o'>somebody</o:owner>"
      "<g:vm xmlns:g='urn:gpupass:domain:1' hunter2='hunter2'><g:gpu address='0000:02:00.0' "
      "serial='123456789abcdef0' uuid='feed4d5e6f708192' path='pci0000:00/01.0'/></g:vm></metadata>\n"
      "  <uuid>12345678-aaaa-bbbb-cccc-ddddeeeeffff</uuid>\n"
      "  <sysinfo type='smbios'><system><entry name='serial'>7CE123X0YZ</entry>"
      "<entry name='asset'>12345678-aaaa-bbbb-cccc-ddddeeeeffff</entry>"
      "<entry name='uuid'>12345678-AAAA-BBBB-CCCC-DDDDEEEEFFFF</entry></system></sysinfo>\n"
      "  <devices>\n    <disk><serial>WD-WMAP9A966149</serial><wwn>5000c50015ea71ab</wwn></disk>\n"
      "    <interface type='network'><mac address='52:54:00:12:AB:cd'/></interface>\n"
      "    <graphics type='vnc' passwd='hunter2'/>\n    <serial type='pty'><target port='0'/></serial>\n"
      "    <disk type='network'><source query='hunter2'><cookies><cookie "
      "name='a'>hunter2</cookie></cookies></source>"
      "</disk>\n    <hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0' bus='2' "
      "slot='0' "
      "function='0'/></source><rom file='/home/somebody/rom'/></hostdev>\n  </devices>\n"
      "  <description>hunter2</description><cputune><vcpupin vcpu='0' cpuset='1'/></cputune>"
      "<os><type>hvm</type><cmdline>hunter2</cmdline></os>\n"
      "  <sysinfo type='fwcfg'><entry name='opt/com.coreos/config'>hunter2</entry></sysinfo>"
      "<sysinfo "
      "type='smbios'><oemStrings><entry>io.systemd.credential:a=hunter2</entry></oemStrings></sysinfo>\n"
      "  <q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:arg "
      "value='secret,data=hunter2'/>"
      "<q:env name='hunter2' value='hunter2'/></q:commandline>\n</domain>";
  machine.guests(std::vector<DomainXml>{{"guest", true, true, false, xml, xml}});
  return machine;
}

const char* const kIdentifiers[] = {"0a1b2c3d",          "deadbeef",         "12345678-aaaa",
                                    "7ce123x0yz",        "wd-wmap9a966149",  "5000c50015ea71ab",
                                    "52:54:00:12:ab:cd", "9a bc de f0",      "f0 de bc 9a",
                                    "hunter2",           "somebody",         "letter",
                                    "secret-interface",  "123456789abcdef0", "feed4d5e6f708192"};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

TEST(Capture, ReplaysWhatTheMachineSaid) {
  const MemorySystem machine = machine_with_identity();
  const Capture captured = capture(machine);
  const Host replayed = probed(*open_capture(captured.text, "machine.host"));
  const Host expected = scrub(probed(machine), captured.pseudonyms);
  EXPECT_EQ(difference(replayed, expected), "");
  EXPECT_TRUE(replayed == expected);
}

TEST(Capture, KeepsWhoUsesADiskUnderTheKernelsNames) {
  auto machine = machine_with_identity();
  const std::string drive = "../../devices/pci0000:00/0000:04:00.0/nvme/nvme0/";
  const std::string spaces = "/sys/kernel/config/nvmet/subsystems/nqn.hunter2/namespaces/7";
  for (const auto& [name, number] : {std::pair("nvme0n1", "259:0"), std::pair("nvme0n1p1", "259:1"),
                                     std::pair("nvme0n1p2", "259:2"), std::pair("nvme0n1p3", "259:3")})
    machine.symlink(std::string("/sys/class/block/") + name, drive + name)
        .file(std::string("/sys/class/block/") + name + "/dev", number);
  machine.file("/sys/bus/pci/devices/0000:04:00.0/class", "0x010802")
      .symlink("/sys/bus/pci/devices/0000:04:00.0", "../../../devices/pci0000:00/0000:04:00.0")
      .symlink("/sys/bus/pci/devices/0000:04:00.0/driver", "../../../bus/pci/drivers/nvme")
      .file("/proc/spl/kstat/zfs/hunter2/state", "ONLINE")
      .file("/sys/class/block/loop0/loop/backing_file", "/dev/nvme0n1p1")
      .file("/sys/class/block/loop1/loop/backing_file", "/home/somebody/letter")
      .file(spaces + "/device_path", "/dev/nvme0n1p3")
      .file(spaces + "/enable", "1");
  const Capture captured = capture(machine);
  for (const char* text : {"hunter2", "somebody"}) EXPECT_THAT(captured.text, Not(HasSubstr(text)));
  const Host replayed = probed(*open_capture(captured.text, "machine.host"));
  EXPECT_EQ(difference(replayed, scrub(probed(machine), captured.pseudonyms)), "");
  EXPECT_THAT(*replayed.uses,
              testing::IsSupersetOf({DeviceUse{address("04:00.0"), DeviceUse::Kind::Stacked, "nvme0n1p1"},
                                     DeviceUse{address("04:00.0"), DeviceUse::Kind::Exported, "nvme0n1p3"}}));
}

TEST(Capture, OfAmdsUniqueIdHoldsAStandIn) {
  auto machine = machine_with_gpu();
  machine.symlink(kGpu + "driver", "../../../../bus/pci/drivers/amdgpu")
      .file(kGpu + "unique_id", "feed4d5e6f708192\n");
  const Capture captured = capture(machine);
  EXPECT_THAT(captured.text, Not(HasSubstr("feed4d5e")));
  const Host replayed = probed(*open_capture(captured.text, "machine.host"));
  EXPECT_EQ(difference(replayed, scrub(probed(machine), captured.pseudonyms)), "");
  EXPECT_TRUE(find_function(replayed, address("02:00.0"))->uuid);
}

TEST(Capture, HoldsNoIdentifierNoPasswordAndNoOpenFile) {
  const std::string text = lower(capture(machine_with_identity()).text);
  for (const char* identifier : kIdentifiers) EXPECT_THAT(text, Not(HasSubstr(identifier)));
}

TEST(Capture, KeepsWhatTheHolderHolds) {
  const Host replayed = probed(*open_capture(capture(machine_with_identity()).text, "machine.host"));
  EXPECT_EQ(replayed.holders, (Fact<std::vector<Holder>>(std::vector<Holder>{{7, 4711, "qemu-system-x86"}})));
}

TEST(Capture, KeepsOfAGuestWhatIsReadAndNothingElse) {
  const Host host = probed(*open_capture(capture(machine_with_identity()).text, "machine.host"));
  const Domain& guest = host.domains->front();
  EXPECT_EQ(guest.live_devices, std::vector<DeviceId>{address("02:00.0")});
  EXPECT_EQ(guest.pinned_cpus, CpuSet{1});
  EXPECT_THAT(guest.live_xml, HasSubstr("<gpupass:gpu address=\"0000:02:00.0\""));
  for (const char* left_out :
       {"description", "cmdline", "sysinfo", "commandline", "cookie", "rom", "owner", "mac"})
    EXPECT_THAT(guest.live_xml, Not(HasSubstr(left_out)));
}

TEST(Capture, KeepsNothingOfADamagedDefinition) {
  auto machine = machine_with_gpu();
  machine.guests(std::vector<DomainXml>{
      {"guest", true, true, false, "<domain><name>hunter2", "<other>hunter2</other>"}});
  EXPECT_THAT(capture(machine).text, Not(HasSubstr("hunter2")));
}

TEST(Capture, GivesEqualIdentifiersEqualStandInsOfTheSameForm) {
  const Host host = probed(*open_capture(capture(machine_with_identity()).text, "machine.host"));
  const Domain& guest = host.domains->front();
  EXPECT_EQ(guest.uuid.size(), 36u);
  EXPECT_THAT(guest.live_xml, HasSubstr("<uuid>" + guest.uuid + "</uuid>"));
  EXPECT_EQ(guest.live_xml, guest.persistent_xml);
  const PciFunction* gpu = find_function(host, address("02:00.0"));
  const PciFunction* audio = find_function(host, address("02:00.1"));
  EXPECT_THAT(*gpu->uuid, testing::MatchesRegex("GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"));
  EXPECT_EQ(gpu->config->serial, audio->config->serial);
  EXPECT_EQ(gpu->config->serial->size(), 16u);
}

TEST(Capture, OfACaptureIsTheSame) {
  const Capture first = capture(machine_with_identity());
  EXPECT_EQ(capture(*open_capture(first.text, "machine.host")).text, first.text);
}

TEST(Scrub, LeavesWhatIsNoIdentifier) {
  const Host host = probed(machine_with_gpu());
  EXPECT_TRUE(scrub(host, {}) == host);
}

TEST(Capture, ReplaysEveryTreeOfTheCollection) {
  SKIP_WITHOUT_SHARED_HOSTS();
  for (const SharedTree& tree : shared_trees()) {
    const auto system = open_host(tree.root);
    const Capture captured = capture(*system);
    const Host replayed = probed(*open_capture(captured.text, tree.name));
    const Host expected = scrub(probed(*system), captured.pseudonyms);
    EXPECT_EQ(difference(replayed, expected), "") << tree.name;
  }
}

}  // namespace
}  // namespace gpupass::capture_test
