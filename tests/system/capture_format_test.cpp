// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "gpupass/error.hpp"
#include "system/capture/format.hpp"

namespace gpupass::capture_format_test {
namespace {

using ::testing::HasSubstr;
using Kind = Entry::Kind;

/// One of everything that a capture can hold.
Recording rich_recording() {
  Recording recording;
  recording.directories["/sys/bus/pci/devices"].listed = true;
  recording.set("/sys/bus/pci/devices/0000:00:01.0",
                {Kind::Link, "../../../devices/pci0000:00/0000:00:01.0"});
  recording.set("/sys/bus/pci/devices/0000:00:02.0", {Kind::Seen, ""});
  recording.set("/sys/bus/pci/devices/0000:00:01.0/class", {Kind::File, "0x060400"});
  recording.set("/sys/bus/pci/devices/0000:00:01.0/driver_override", {Kind::File, ""});
  recording.set("/sys/bus/pci/devices/0000:00:01.0/boot_vga", {Kind::Absent, ""});
  recording.set("/sys/bus/pci/devices/0000:00:01.0/rom", {Kind::Denied, "Permission denied"});
  recording.set("/sys/bus/pci/devices/0000:00:01.0/resource", {Kind::File, "0x00 0x0f\n\n0x10\t0x1f\\\n"});
  std::string config(64, '\0');
  config[0] = '\x86';
  config[1] = '\x80';
  config[0x3f] = '\xff';
  recording.set("/sys/bus/pci/devices/0000:00:01.0/config", {Kind::File, config});
  recording.directories["/sys/class/iommu"].listed = true;
  recording.cpu_topology = CpuTopology{.cpus = {0, 1, 2, 3},
                                       .packages = {{0, {0, 1, 2, 3}}},
                                       .last_level_caches = {{3, 33554432, {0, 1, 2, 3}}},
                                       .cores = {{{0, 2}}, {{1, 3}}}};
  recording.domains = std::vector<DomainXml>{
      {"guest1", true, true, true, "<domain>\n  <name>guest1</name>\n</domain>\n", "<domain/>", true},
      {"guest2", false, true, false, "", "<domain/>"}};
  return recording;
}

constexpr const char* kRichText = R"(gpupass host 1

[+capture]

[/sys/bus/pci/devices]
0000:00:01.0 -> ../../../devices/pci0000:00/0000:00:01.0
0000:00:02.0 ?

[/sys/bus/pci/devices/0000:00:01.0] ...
boot_vga -
class = 0x060400
config : 64 bytes
| 000: 86 80 00 00 00 00 00 00 00 00 00 00 00 00 00 00
| 030: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff
driver_override =
resource =
| 0x00 0x0f
|
| 0x10\t0x1f\\
|
rom ! Permission denied

[/sys/class/iommu]

[cpu topology]
cpus = 0-3
package 0 = 0-3
cache L3 33554432 = 0-3
core = 0,2
core = 1,3

[domain guest1]
state = active paused persistent autostart
live =
| <domain>
|   <name>guest1</name>
| </domain>
|
config = <domain/>

[domain guest2]
state = persistent
config = <domain/>

[+end]
)";

TEST(CaptureFormat, PrintsOneOfEverything) {
  EXPECT_EQ(print_capture(rich_recording()), kRichText);
}

TEST(CaptureFormat, ReadsOneOfEverything) {
  EXPECT_EQ(parse_capture(kRichText, "x.host"), rich_recording());
}

TEST(CaptureFormat, PassesOverCommentsAndEmptyLines) {
  Recording expected;
  expected.directories["/sys"].listed = true;
  expected.set("/sys/a", {Kind::File, "x\ny"});
  expected.set("/sys/b", {Kind::File, "# no comment"});
  EXPECT_EQ(
      parse_capture("gpupass host 1\n# two GPUs\n\n[/sys]\na =\n# within\n| x\n\n| y\nb = # no comment", "f"),
      expected);
}

TEST(CaptureFormat, LeavesOutSectionsOfALaterVersion) {
  Recording expected;
  expected.set("/sys/a", {Entry::Kind::File, "x"});
  EXPECT_EQ(parse_capture("gpupass host 1\n[+clocks]\ngpu = 1410\n| row\n[/sys] ...\na = x\n[+empty]\n", "f"),
            expected);
}

// --- the law: what is printed is read back ---

/// Random recordings, always the same ones.
class Randomly {
 public:
  explicit Randomly(unsigned seed) : engine_(seed) {}

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_);
  }
  bool yes() { return below(2) == 0; }

  /// Any bytes, with a taste for those that mean something to the format.
  std::string text(std::size_t most) {
    using namespace std::string_view_literals;
    constexpr auto kTricky = "\0\n\t\r\x1b\x7f\xff\xc3\xa4 \\|#[]=:!?->\"'x0"sv;
    std::string text;
    for (std::size_t size = below(most + 1); text.size() < size;)
      text += yes() ? kTricky[below(kTricky.size())] : static_cast<char>(below(256));
    return text;
  }
  std::string name() {
    std::string name = text(8) + "x";
    std::ranges::replace(name, '/', '_');
    if (yes()) std::ranges::reverse(name);
    return name;
  }
  std::string path() {
    std::string path;
    for (std::size_t depth = 1 + below(4); depth > 0; --depth) path += "/" + name();
    return path;
  }
  CpuSet cpus() {
    CpuSet set;
    for (std::size_t count = below(6); count > 0; --count) set.insert(static_cast<unsigned>(below(300)));
    return set;
  }
  template <typename T>
  Fact<T> fact(T value) {
    switch (below(4)) {
      case 0:
        return {};
      case 1:
        return Absent{};
      case 2:
        return Unknown{text(20)};
      default:
        return value;
    }
  }

  Entry entry() {
    switch (below(5)) {
      case 0:
        return {Kind::File, text(yes() ? 20 : 100)};
      case 1:
        return {Kind::Link, text(30)};
      case 2:
        return {Kind::Denied, text(30)};
      case 3:
        return {Kind::Absent, ""};
      default:
        return {Kind::Seen, ""};
    }
  }
  CpuTopology topology() {
    CpuTopology topology;
    topology.cpus = cpus();
    for (std::size_t i = below(3); i > 0; --i)
      topology.packages.push_back({static_cast<unsigned>(below(1000)), cpus()});
    for (std::size_t i = below(3); i > 0; --i)
      topology.last_level_caches.push_back({static_cast<unsigned>(below(5)), below(1U << 30), cpus()});
    for (std::size_t i = below(3); i > 0; --i) topology.cores.push_back({cpus()});
    return topology;
  }
  std::vector<DomainXml> domains() {
    std::vector<DomainXml> domains;
    for (std::size_t i = below(4); i > 0; --i)
      domains.push_back({name() + std::to_string(i), yes(), yes(), yes(), text(60), text(60)});
    return domains;
  }
  Recording recording() {
    Recording recording;
    for (std::size_t i = below(6); i > 0; --i) {
      const std::string directory = below(8) == 0 ? "/" : path();
      recording.directories[directory].listed = yes();
      for (std::size_t j = below(5); j > 0; --j) recording.directories[directory].entries[name()] = entry();
    }
    recording.cpu_topology = fact(topology());
    recording.domains = fact(domains());
    return recording;
  }

 private:
  std::mt19937 engine_;
};

TEST(CaptureFormat, WhatIsPrintedIsReadBack) {
  for (unsigned seed = 0; seed < 1000; ++seed) {
    const Recording recording = Randomly(seed).recording();
    const std::string text = print_capture(recording);
    ASSERT_EQ(parse_capture(text, "x.host"), recording) << "seed " << seed << "\n" << text;
  }
}

TEST(CaptureFormat, TheTextIsPrintableAsciiAndHasNoSpacesAtLineEnds) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    const std::string text = print_capture(Randomly(seed).recording());
    for (const char byte : text) ASSERT_TRUE(byte == '\n' || (byte >= ' ' && byte <= '~')) << text;
    ASSERT_EQ(text.find(" \n"), text.npos) << text;
  }
}

// --- refusals ---

std::string complaint(std::string_view text) {
  try {
    parse_capture(text, "x.host");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Malformed);
    EXPECT_EQ(error.subject(), "x.host");
    return error.what();
  }
  return "accepted";
}

TEST(CaptureFormat, RefusesAFileThatIsCutShort) {
  const std::string text = kRichText;
  for (std::size_t cut = text.find("[+capture]\n") + 11; cut < text.size() - 1; cut += 7)
    EXPECT_THROW(parse_capture(text.substr(0, cut), "x.host"), Error) << cut;
  EXPECT_THAT(complaint(text.substr(0, text.find("[+end]"))), HasSubstr("the file is cut short"));
  EXPECT_THROW(parse_capture(text + "[/more]\n", "x.host"), Error);
  EXPECT_EQ(parse_capture(text + "\n\n", "x.host"), rich_recording()) << "a person looked at it";
}

TEST(CaptureFormat, AComplaintNamesFileLineSeenAndExpected) {
  EXPECT_EQ(complaint("gpupass host 1\n\n[/sys]\na => b\n"),
            "cannot read x.host, line 4: saw \"a => b\", expected \"name = value\", \"name : N bytes\", "
            "\"name -> target\", \"name ! reason\", \"name -\" or \"name ?\"");
  EXPECT_EQ(complaint(""), "cannot read x.host, line 0: saw the end, expected \"gpupass host 1\"");
  EXPECT_EQ(complaint("\x7f"
                      "ELF\x01\x02"),
            "cannot read x.host, line 1: saw \"\\x7fELF\\x01\\x02\", expected \"gpupass host 1\"");
}

TEST(CaptureFormat, RefusesWhatItDoesNotKnow) {
  const std::string begin = "gpupass host 1\n";
  for (const std::string text : {
           "gpupass host 2\n",
           "GPUPASS HOST 1\n",
           "gpupass host 1 \n",
       })
    EXPECT_THAT(complaint(text), HasSubstr("line 1: ")) << text;

  for (const std::string text : {
           "a = b\n",
           "[sys]\n",
           "[/sys\n",
           "[/sys] \n",
           "[/sys] ....\n",
           "[cpu topology] ...\n",
           "[cpus]\n",
           "[domain ]\nstate =\n",
           "[cpu topology]\n",
           "[/sys\\q]\n",
       })
    EXPECT_THAT(complaint(begin + text), HasSubstr("line 2: ")) << text;

  for (const std::string text : {
           "[/sys]\na\n",
           "[/sys]\n = b\n",
           "[/sys]\na/b = c\n",
           "[/sys]\na =b\n",
           "[/sys]\na ?b\n",
           "[/sys]\na = b\\\n",
           "[/sys]\na = \\x1\n",
           "[/sys]\na = \\xx1\n",
           "[/sys]\na = \\u0041\n",
           "[/sys]\na = b\r\n",
           "[/sys]\na = \x1b[31m\n",
           "[/sys]\n| row\n",
           "[/sys]\na : 5\n",
           "[/sys]\na : -1 bytes\n",
           "[/sys]\na : 99999999999 bytes\n",
           "[domains]\nx\n",
           "[cpu topology]\ncore = 0\n",
           "[cpu topology]\ncpus = 3-1\n",
           "[cpu topology]\ncpus = 0-65536\n",
           "[domain a]\nlive = <domain/>\n",
           "[domain a]\nstate = autostart active\n",
           "[domain a]\nstate = paused active\n",
           "[domain a]\nstate = running\n",
       })
    EXPECT_THAT(complaint(begin + text), HasSubstr("line 3: ")) << text;

  for (const std::string text : {
           "[/sys]\na = b\n[/sys]\n",
           "[/sys]\na = b\na = b\n",
           "[/sys]\na = b\n| c\n",
           "[/sys]\na =\n|c\n",
           "[/sys]\na : 4 bytes\n| 000: 01 02 03\n",
           "[/sys]\na : 4 bytes\n| 000: 01 02 03 04 05\n",
           "[/sys]\na : 4 bytes\n| 000: 01 02 03 0g\n",
           "[/sys]\na : 4 bytes\n| 000: 01 02 03-04\n",
           "[/sys]\na : 4 bytes\n| 010: 01 02 03 04\n",
           "[/sys]\na : 4 bytes\n| 008: 01 02 03 04\n",
           "[/sys]\na : 4 bytes\n| : 01 02 03 04\n",
           "[/sys]\na : 4 bytes\n|\n",
           "[cpu topology]\n-\ncpus = 0\n",
           "[cpu topology]\ncpus = 0\ncpus = 0\n",
           "[cpu topology]\ncpus = 0\npackage -1 = 0\n",
           "[cpu topology]\ncpus = 0\ncache L3 = 0\n",
           "[cpu topology]\n-\n[cpu topology]\n",
           "[domains]\n-\n[domain a]\nstate =\n",
           "[domain a]\nstate =\n[domain a]\nstate =\n",
           "[domain a]\nstate =\n[domains]\n",
           "[domain a]\nstate =\nmemory = 5\n",
       })
    EXPECT_THAT(complaint(begin + text), HasSubstr("line 4: ")) << text;
}

TEST(CaptureFormat, AFewBytesOfTextDoNotFillTheMemory) {
  std::string text = "gpupass host 1\n[/sys]\n";
  for (int i = 0; i < 100; ++i) text += "a" + std::to_string(i) + " : 16777216 bytes\n";
  EXPECT_THAT(complaint(text), HasSubstr("line 7: "));

  text = "gpupass host 1\n[cpu topology]\ncpus = 0-65535\n";
  for (int i = 0; i < 100; ++i) text += "core = 0-65535\n";
  EXPECT_THAT(complaint(text), HasSubstr("line 7: "));
}

/// Changes a byte, takes some away, doubles some, or cuts the rest off.
std::string mutated(std::string text, Randomly& random) {
  for (std::size_t count = 1 + random.below(3); count > 0 && !text.empty(); --count) {
    const std::size_t at = random.below(text.size());
    const std::size_t size = 1 + random.below(20);
    switch (random.below(5)) {
      case 0:
        text[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        text.erase(at, size);
        break;
      case 2:
        text.insert(random.below(text.size()), text.substr(at, size));
        break;
      case 3:
        text.insert(at, random.text(6));
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

TEST(CaptureFormat, AMutatedCaptureIsReadOrRefusedNothingElse) {
  unsigned refused = 0;
  for (unsigned seed = 0; seed < 3000; ++seed) {
    Randomly random(seed);
    const std::string original = seed % 2 == 0 ? kRichText : print_capture(random.recording());
    const std::string text = mutated(original, random);
    try {
      const Recording recording = parse_capture(text, "x.host");
      ASSERT_EQ(parse_capture(print_capture(recording), "x.host"), recording) << text;
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::Malformed) << text;
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000U) << "the mutations are too tame";
}

}  // namespace
}  // namespace gpupass::capture_format_test
