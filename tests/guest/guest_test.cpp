// SPDX-License-Identifier: LGPL-2.1-or-later
// What is asked of the guest beside its devices: firmware, TPM, Windows, I/O threads, and who its cards are.
#include "gpupass/guest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "support/golden.hpp"
#include "support/two_cells.hpp"
#include "support/two_sockets.hpp"
#include "values/sizes.hpp"

namespace gpupass::guest_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Request request_of() {
  Request request;
  request.gpus = {kGpu1.to_string()};
  request.vcpus = 4;
  request.memory_bytes = kGiB;
  request.page_size_bytes = 0;
  return request;
}

std::string domain_for(const Request& request, std::string_view base = {}, const Host& host = two_sockets()) {
  const Request complete = complete_request(request, base);
  return render_domain(host, complete, place(host, complete), base);
}

std::string base_with(const std::string& lines) {
  return "<domain type='kvm'>\n  <os firmware='efi'>\n    <type machine='q35'>hvm</type>\n  </os>\n" + lines +
         "</domain>\n";
}

TEST(RenderGuest, IsPlainByDefault) {
  EXPECT_THAT(domain_for(request_of()),
              AllOf(Not(HasSubstr("hyperv")), Not(HasSubstr("<kvm>")), Not(HasSubstr("<tpm")),
                    Not(HasSubstr("smm")), Not(HasSubstr("localtime")), Not(HasSubstr("<iothreads>"))));
}

TEST(RenderGuest, HasAllThatWindowsAsksFor) {
  Request request = request_of();
  request.name = "windows";
  request.guest = GuestSystem::Windows;
  request.secure_boot = request.tpm = request.hide_hypervisor = true;
  request.disks = {"/images/windows.qcow2"};
  const std::string text = domain_for(request);
  expect_golden("windows.xml", text);
  EXPECT_EQ(domain_for(request, text), text);
}

TEST(RenderGuest, BootsFromItsDiskAndThenFromTheCdRom) {
  Request request = request_of();
  request.disks = {"/images/new.qcow2"};
  EXPECT_THAT(domain_for(request), AllOf(Not(HasSubstr("<boot")), Not(HasSubstr("cdrom")),
                                         Not(HasSubstr("<channel")), Not(HasSubstr("<graphics"))));
  request.cdroms = {"/images/installer.iso", "/images/drivers.iso"};
  request.agent = request.display = true;
  const std::string text = domain_for(request);
  EXPECT_THAT(text, AllOf(HasSubstr("<boot dev='hd'/>\n    <boot dev='cdrom'/>"),
                          HasSubstr("<target dev='sda' bus='sata'/>\n      <readonly/>"),
                          HasSubstr("<target dev='sdb' bus='sata'/>"),
                          HasSubstr("<target type='virtio' name='org.qemu.guest_agent.0'/>"),
                          HasSubstr("<listen type='address' address='127.0.0.1'/>"),
                          HasSubstr("<controller type='usb' model='qemu-xhci'/>")));
  EXPECT_EQ(domain_for(request, text), text);
  EXPECT_THAT(writable_disks(text), testing::ElementsAre("/images/new.qcow2"));
}

TEST(RenderGuest, IsConfiguredFromADiskThatItOnlyReadsAndWindowsFromACdRom) {
  Request request = request_of();
  request.disks = {"/images/new.qcow2"};
  request.seed = "/images/seed.iso";
  const std::string text = domain_for(request);
  EXPECT_THAT(text,
              AllOf(HasSubstr("<source file='/images/seed.iso'/>\n      <target dev='vdb' bus='virtio'/>"),
                    Not(HasSubstr("cdrom"))));
  EXPECT_EQ(domain_for(request, text), text);
  EXPECT_THAT(writable_disks(text), testing::ElementsAre("/images/new.qcow2"));
  request.guest = GuestSystem::Windows;
  const std::string windows = domain_for(request);
  EXPECT_THAT(windows, AllOf(HasSubstr("device='cdrom'"), HasSubstr("<target dev='sda' bus='sata'/>")));
  EXPECT_EQ(domain_for(request, windows), windows);
}

TEST(RenderGuest, AddsToABaseOnlyWhatItLacks) {
  const std::string base = base_with(
      "  <features>\n    <acpi/>\n    <hyperv>\n      <relaxed state='off'/>\n      <vendor_id state='on' "
      "value='me'/>\n"
      "    </hyperv>\n    <kvm>\n      <poll-control state='on'/>\n    </kvm>\n  </features>\n"
      "  <clock offset='timezone' timezone='Europe/Berlin'/>\n");
  Request request = request_of();
  request.guest = GuestSystem::Windows;
  request.hide_hypervisor = true;
  const std::string text = domain_for(request, base);
  EXPECT_THAT(text, AllOf(HasSubstr("<relaxed state='off'/>\n      <vapic state='on'/>"),
                          HasSubstr("<vendor_id state='on' value='me'/>"), HasSubstr("<hidden state='on'/>"),
                          HasSubstr("<clock offset='timezone' timezone='Europe/Berlin'>")));
  EXPECT_EQ(domain_for(request, text), text);
  const std::string all = base_with("  <features>\n    <hyperv mode='passthrough'/>\n  </features>\n");
  EXPECT_THAT(domain_for(request, all), HasSubstr("<hyperv mode='passthrough'/>"));
}

TEST(RenderGuest, ChangesToSecureBoot) {
  Request request = request_of();
  request.secure_boot = true;
  const std::string base =
      "<domain type='kvm'>\n  <os>\n    <type machine='q35'>hvm</type>\n    <loader readonly='yes' "
      "type='pflash'>/OVMF_CODE.fd</loader>\n    <nvram>/a_VARS.fd</nvram>\n  </os>\n"
      "  <features>\n    <smm state='off'/>\n  </features>\n</domain>\n";
  const std::string text = domain_for(request, base);
  EXPECT_THAT(text, HasSubstr("  <os firmware='efi'>\n    <type machine='q35'>hvm</type>\n    <firmware>\n"
                              "      <feature enabled='yes' name='enrolled-keys'/>\n"
                              "      <feature enabled='yes' name='secure-boot'/>\n    </firmware>\n  </os>"));
  EXPECT_THAT(text, HasSubstr("<smm state='on'/>"));
  EXPECT_EQ(domain_for(request, text), text);
  std::string by_hand = base;
  by_hand.replace(by_hand.find("readonly='yes'"), 14, "readonly='yes' secure='yes'");
  EXPECT_THAT(domain_for(request, by_hand), HasSubstr("<nvram>/a_VARS.fd</nvram>"))
      << "chosen by hand, and secure";
}

TEST(RenderGuest, RefusesSecureBootWithoutUefi) {
  Request request = request_of();
  request.secure_boot = true;
  request.firmware = Firmware::Bios;
  const std::string bios =
      "<domain type='kvm'>\n  <os>\n    <type machine='q35'>hvm</type>\n  </os>\n</domain>\n";
  for (const std::string& base : {std::string(), bios}) try {
      domain_for(request, base);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Usage);
      EXPECT_THAT(error.what(), HasSubstr("saw BIOS"));
    }
}

TEST(RenderGuest, KeepsATpmThatIsThere) {
  Request request = request_of();
  request.tpm = true;
  const std::string base = base_with(
      "  <devices>\n    <tpm><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>\n  "
      "</devices>\n");
  EXPECT_THAT(domain_for(request, base), Not(HasSubstr("tpm-crb")));
}

// --- I/O threads ---

TEST(RenderIoThreads, ServeNewDisksBesideTheEmulator) {
  Request request = request_of();
  request.disks = {"/images/a.img"};
  const std::string text = domain_for(request);
  EXPECT_THAT(text, AllOf(HasSubstr("<iothreads>1</iothreads>"),
                          HasSubstr("<iothreadpin iothread='1' cpuset='8,24'/>"),
                          HasSubstr("type='raw' iothread='1'/>")));
  EXPECT_EQ(domain_for(request, text), text);
}

TEST(RenderIoThreads, TakeABasesOwnNumber) {
  Request request = request_of();
  request.disks = {"/images/a.img"};
  const std::string base = base_with(
      "  <iothreads>2</iothreads>\n  <iothreadids>\n    <iothread id='5'/>\n    <iothread id='6'/>\n  "
      "</iothreadids>\n"
      "  <cputune>\n    <iothreadpin iothread='5' cpuset='24'/>\n    <iothreadpin iothread='6' cpuset='9'/>\n"
      "  </cputune>\n");
  const std::string text = domain_for(request, base);
  EXPECT_THAT(text, AllOf(HasSubstr("iothread='5'/>"), HasSubstr("<iothreadpin iothread='5' cpuset='24'/>"),
                          HasSubstr("<iothreads>2</iothreads>")));
  EXPECT_THAT(text, HasSubstr("<iothreadpin iothread='6' cpuset='8,24'/>")) << "off a vCPU's core";
}

// --- identity ---

TEST(RenderMetadata, TellsWhichCardsTheseAre) {
  Host host = two_sockets_with_companions();
  PciFunction& gpu = function_of(host, kGpu1);
  gpu.subsystem_vendor = std::uint16_t{0x10de};
  gpu.subsystem_device = std::uint16_t{0x16c1};
  gpu.config = PciConfig{};
  gpu.config->serial = std::string("48b02d0000a1b2c3");
  gpu.uuid = std::string("GPU-7c5b8f0e");
  Placement placement = two_cells(request_of());
  placement.gpus = {kGpu1};
  placement.devices = {kNvme};
  const std::string text = render_domain(host, request_of(), placement);
  EXPECT_THAT(
      text,
      HasSubstr("<gpupass:gpu address='0000:c1:00.0' vendor='10de' device='2330' subsystem-vendor='10de' "
                "subsystem-device='16c1' serial='48b02d0000a1b2c3' uuid='GPU-7c5b8f0e' cell='1'/>"));
  EXPECT_THAT(text,
              HasSubstr("<gpupass:device address='0000:42:00.0' vendor='10de' device='2330' cell='0'/>"));

  // On vfio-pci the driver's name for it is no longer known, and another card has another serial number.
  function_of(host, kGpu1).uuid = Absent{};
  EXPECT_EQ(render_domain(host, request_of(), placement, text), text);
  function_of(host, kGpu1).config->serial = std::string("48b02d0000ffffff");
  EXPECT_THAT(render_domain(host, request_of(), placement, text), Not(HasSubstr("uuid='GPU-")));
}

TEST(RenderMetadata, LeavesOutWhatNoXmlCanHold) {
  Host host = two_sockets();
  function_of(host, kGpu1).uuid = std::string("GPU-\x01");
  EXPECT_THAT(domain_for(request_of(), {}, host), Not(HasSubstr("uuid=")));
}

TEST(RenderMetadata, OfAnOlderVersionIsRead) {
  const std::string base = base_with(
      "  <metadata>\n    <gpupass:vm xmlns:gpupass='urn:gpupass:domain:1'>\n      <gpupass:gpu "
      "address='0000:41:00.0' "
      "vendor='10de' device='2684'/>\n    </gpupass:vm>\n  </metadata>\n  <devices>\n"
      "    <hostdev mode='subsystem' type='pci'><source><address bus='0x41' slot='0' "
      "function='0'/></source></hostdev>\n"
      "  </devices>\n");
  EXPECT_THAT(domain_for(request_of(), base), Not(HasSubstr("0x41")));
}

}  // namespace
}  // namespace gpupass::guest_test
