// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "support/folders.hpp"
#include "support/two_sockets.hpp"
#include "values/sizes.hpp"

namespace gpupass::domain_test {
namespace {

using testing::HasSubstr;
using testing::Not;

Request request(const char* gpu, unsigned vcpus, std::uint64_t memory_bytes) {
  Request result;
  result.gpus = {gpu};
  result.vcpus = vcpus;
  result.memory_bytes = memory_bytes;
  return result;
}

std::string domain_for(const Host& host, const Request& asked, std::string_view base = {}) {
  return render_domain(host, asked, place(host, asked), base);
}

/// Compares with a golden, or writes it anew when GPUPASS_REGENERATE_GOLDENS is set.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = source_path("tests/render/golden/" + name);
  if (std::getenv("GPUPASS_REGENERATE_GOLDENS")) std::ofstream(path, std::ios::binary) << text;
  std::ifstream in(path, std::ios::binary);
  const std::string golden{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, golden) << path;
}

TEST(RenderDomain, GivesTheWholeCardOnOneSlot) {
  const std::string text = domain_for(two_sockets(), request("0000:41:00.0", 6, 16 * kGiB));
  expect_golden("card-with-audio.xml", text);
}

TEST(RenderDomain, DescribesDisksNetworksAndBios) {
  Request asked = request("0000:c1:00.0", 5, kGiB);
  asked.name = "R&D <1>";
  asked.virt_type = VirtType::Qemu;
  asked.firmware = Firmware::Bios;
  asked.page_size_bytes = 0;
  asked.disks = {"/images/it's & \"so\".qcow2", "/images/plain.img", "/dev/vg/lv"};
  asked.networks = {"default", "a&b"};
  expect_golden("bios-disks-networks.xml", domain_for(two_sockets(), asked));
}

TEST(RenderDomain, LeavesOutTheOrdinaryPages) {
  Request asked = request("0000:c1:00.0", 4, kGiB);
  asked.page_size_bytes = 0;
  EXPECT_THAT(domain_for(two_sockets(), asked), Not(HasSubstr("hugepages")));
}

TEST(RenderDomain, NumbersFunctionsFromZero) {
  Host host = two_sockets();
  // The card's first function is not 0, as behind some risers.
  function_of(host, kGpu0).address.function = 2;
  function_of(host, kAudio0).address.function = 3;
  (*host.groups)[0].members = {PciAddress{0, 0x41, 0, 2}, PciAddress{0, 0x41, 0, 3}};
  const std::string text = domain_for(host, request("0000:41:00.2", 2, kGiB));
  EXPECT_THAT(text, HasSubstr("slot='0x00' function='0x2'/>\n      </source>"));
  EXPECT_THAT(text, HasSubstr("slot='0x00' function='0x0' multifunction='on'/>"));
  EXPECT_THAT(text, HasSubstr("bus='0x07' slot='0x00' function='0x1'/>"));
}

TEST(RenderDomain, KeepsOtherCardsOfTheGroupOut) {
  Host host = two_sockets();
  PciFunction& audio = function_of(host, kAudio0);
  audio.address = PciAddress{0, 0x42, 0, 0};
  audio.driver = Absent{};
  (*host.groups)[0].members = {kGpu0, audio.address};
  const std::string text = domain_for(host, request("0000:41:00.0", 2, kGiB));
  EXPECT_THAT(text, HasSubstr("bus='0x41'"));
  EXPECT_THAT(text, Not(HasSubstr("bus='0x42'")));
  EXPECT_THAT(text, Not(HasSubstr("multifunction")));
}

TEST(RenderDomain, SpeaksOfWideDomains) {
  Host host = two_sockets();
  function_of(host, kGpu1).address.domain = 0x10000;
  (*host.groups)[1].members = {PciAddress{0x10000, 0xc1, 0, 0}};
  EXPECT_THAT(domain_for(host, request("10000:c1:00.0", 2, kGiB)),
              HasSubstr("<address domain='0x10000' bus='0xc1'"));
}

TEST(RenderDomain, RefusesWhatNoXmlCanHold) {
  for (const std::string bad : {"a\x01z", "a\nb", "a\xff", "", "a/b"}) {
    Request asked = request("0000:c1:00.0", 2, kGiB);
    asked.name = bad;
    EXPECT_THROW(domain_for(two_sockets(), asked), Error) << bad;
  }
  Request disk = request("0000:c1:00.0", 2, kGiB);
  disk.disks = {"/a\tb"};
  Request network = request("0000:c1:00.0", 2, kGiB);
  network.networks = {"a\x7f"};
  for (const Request& asked : {disk, network}) {
    try {
      domain_for(two_sockets(), asked);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Usage);
      EXPECT_THAT(error.what(), HasSubstr("expected text without control characters"));
    }
  }
}

TEST(RenderDomain, AsItsOwnBaseChangesNothing) {
  for (const char* gpu : {"0000:41:00.0", "0000:c1:00.0"})
    for (const unsigned vcpus : {1u, 3u, 14u}) {
      Request asked = request(gpu, vcpus, 2 * kGiB);
      asked.disks = {"/images/plain.img"};
      asked.networks = {"default", "default"};
      const std::string text = domain_for(two_sockets(), asked);
      EXPECT_EQ(domain_for(two_sockets(), asked, text), text);
    }
}

}  // namespace
}  // namespace gpupass::domain_test
