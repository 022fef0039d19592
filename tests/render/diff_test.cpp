// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <sstream>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/render.hpp"

namespace gpupass::diff_test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A well-formed text with these lines in it.
std::string text_of(const std::vector<std::string>& lines) {
  std::string text = "<domain>\n";
  for (const std::string& line : lines) text += line + "\n";
  return text + "</domain>\n";
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line + "\n");
  if (!text.empty() && !text.ends_with('\n')) lines.back().pop_back();
  return lines;
}

/// What patch(1) does, and it fails where that would look for a place.
std::string patched(const std::string& before, const std::string& diff) {
  const auto old_lines = split(before), patch = split(diff);
  std::string result;
  std::size_t at = 0;
  for (std::size_t i = 2; i < patch.size(); ++i) {
    if (patch[i].starts_with("@@ -")) {
      const std::size_t first = std::stoul(patch[i].substr(4));
      const bool nothing = patch[i].find(",0 +") != std::string::npos;
      for (; at + (nothing ? 0 : 1) < first; ++at) result += old_lines.at(at);
      continue;
    }
    if (patch[i].starts_with("\\ ")) continue;
    std::string line = patch[i].substr(1);
    if (i + 1 < patch.size() && patch[i + 1].starts_with("\\ ")) line.pop_back();
    if (patch[i][0] != '+') {
      EXPECT_EQ(old_lines.at(at++), line);
    }
    if (patch[i][0] != '-') result += line;
  }
  for (; at < old_lines.size(); ++at) result += old_lines[at];
  return result;
}

std::size_t changed_lines(const std::string& diff) {
  std::size_t changed = 0;
  for (const std::string& line : split(diff))
    if ((line[0] == '+' || line[0] == '-') && !line.starts_with("+++ ") && !line.starts_with("--- "))
      ++changed;
  return changed;
}

TEST(RenderDiff, IsUnified) {
  EXPECT_EQ(render_diff("old", "<a>\n 1\n 2\n 3\n 4\n 5\n</a>\n", "new",
                        "<a>\n 1\n 2\n 3\n 4\n five\n six\n</a>\n"),
            "--- old\n+++ new\n@@ -3,5 +3,6 @@\n  2\n  3\n  4\n- 5\n+ five\n+ six\n </a>\n");
}

TEST(RenderDiff, OfEqualTextsIsEmpty) {
  EXPECT_EQ(render_diff("old", "<a/>\n", "new", "<a/>\n"), "");
}

TEST(RenderDiff, TellsOfAMissingLastNewline) {
  EXPECT_EQ(render_diff("old", "<a/>", "new", "<a/>\n"),
            "--- old\n+++ new\n@@ -1 +1 @@\n-<a/>\n\\ No newline at end of file\n+<a/>\n");
  EXPECT_EQ(render_diff("old", "<a>\n</a>", "new", "<a>\n<b/>\n</a>"),
            "--- old\n+++ new\n@@ -1,2 +1,3 @@\n <a>\n+<b/>\n </a>\n\\ No newline at end of file\n");
}

TEST(RenderDiff, KeepsOtherLineEnds) {
  EXPECT_EQ(render_diff("old", "<a>\r\n1\r\n</a>\r\n", "new", "<a>\r\n2\r\n</a>\r\n"),
            "--- old\n+++ new\n@@ -1,3 +1,3 @@\n <a>\r\n-1\r\n+2\r\n </a>\r\n");
}

TEST(RenderDiff, ShowsNoSecretNotEvenAsContext) {
  const std::string before = "<domain>\n<graphics passwd='hunter2'/>\n<name>a</name>\n</domain>\n";
  const std::string after = "<domain>\n<graphics passwd='hunter2'/>\n<name>b</name>\n</domain>\n";
  const std::string diff = render_diff("a", before, "b", after);
  EXPECT_THAT(diff, HasSubstr(" <graphics passwd='****'/>\n-<name>a</name>\n+<name>b</name>\n"));
  EXPECT_THAT(diff, Not(HasSubstr("hunter2")));
}

TEST(RenderDiff, RefusesWhatCannotBeRedacted) {
  EXPECT_THROW(render_diff("a", "<domain><!-- passwd='hunter2 --></domain>", "b", "<domain/>"), Error);
}

TEST(RenderDiff, NamesAreForeignText) {
  EXPECT_THAT(render_diff("a\n+b", "<a/>\n", "\x1b[2J", "<b/>\n"),
              testing::StartsWith("--- a\\x0A+b\n+++ \\x1B[2J\n@@"));
}

TEST(RenderDiff, AppliedToTheOldTextGivesTheNewOne) {
  std::mt19937 random(1);
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> lines(below(60));
    for (std::string& line : lines) line = std::to_string(below(1 + below(40)));
    const std::string before = text_of(lines);
    const unsigned edits = below(8);
    for (unsigned i = 0; i < edits; ++i) {
      const auto at = lines.begin() + below(static_cast<unsigned>(lines.size()) + 1);
      if (at == lines.end() || below(2) == 0)
        lines.insert(at, std::to_string(below(40)));
      else
        lines.erase(at);
    }
    const std::string after = text_of(lines), diff = render_diff("a", before, "b", after);
    EXPECT_EQ(patched(before, diff), after) << diff;
    EXPECT_LE(changed_lines(diff), edits) << diff;
  }
}

TEST(RenderDiff, OfLargeTextsIsQuick) {
  std::vector<std::string> lines;
  for (int i = 0; i < 100'000; ++i) lines.push_back("line " + std::to_string(i));
  const std::string before = text_of(lines);
  for (std::size_t i = 0; i < lines.size(); i += 1000) lines[i] = "new";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(changed_lines(render_diff("a", before, "b", text_of(lines))), 200u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(WithoutIdentity, LeavesOutWhatNoTwoGuestsCanShare) {
  EXPECT_EQ(
      without_identity(
          "<domain>\n  <name>a</name>\n  <uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>\n"
          "  <os><nvram template='/t.fd'>/v/a.fd</nvram></os>\n  <devices>\n"
          "    <interface type='user'>\n      <mac address='52:54:00:00:00:01'/>\n    </interface>\n"
          "    <interface type='user'><mac address='52:54:00:00:00:02'/><model type='e1000'/></interface>\n"
          "  </devices>\n</domain>\n"),
      "<domain>\n  <name>a</name>\n  <os><nvram template='/t.fd'/></os>\n  <devices>\n"
      "    <interface type='user'>\n    </interface>\n"
      "    <interface type='user'><model type='e1000'/></interface>\n"
      "  </devices>\n</domain>\n");
  EXPECT_EQ(
      without_identity(
          "<domain>\n  <genid>e9392370-2917-565e-692b-d057f46512d6</genid>\n  <sysinfo type='smbios'><system>"
          "<entry name='uuid'>c7a5fdbd-edaf-9455-926a-d65c16db1809</entry><entry name='serial'>1</entry>"
          "<entry name='family'>f</entry></system></sysinfo>\n  <devices>\n"
          "    <hostdev type='pci'><source><address bus='0x41'/></source></hostdev>\n"
          "    <hostdev type='mdev'><source><address uuid='c73f1fa6-489e-4834-9476-d70dabd98c40'/></source>"
          "</hostdev>\n"
          "    <hostdev type='usb'><source><vendor id='0x1234'/></source></hostdev>\n  "
          "</devices>\n</domain>\n"),
      "<domain>\n  <sysinfo type='smbios'><system><entry name='family'>f</entry></system></sysinfo>\n  "
      "<devices>\n"
      "    <hostdev type='usb'><source><vendor id='0x1234'/></source></hostdev>\n  </devices>\n</domain>\n");
  EXPECT_EQ(without_identity("<domain><os><nvram>/v/a.fd</nvram></os></domain>"),
            "<domain><os></os></domain>");
  EXPECT_EQ(without_identity("<domain> <name>a</name></domain>"), "<domain> <name>a</name></domain>");
  EXPECT_THROW(without_identity("<network/>"), Error);
}

TEST(WritableDisks, AreThoseOfOneGuestAlone) {
  EXPECT_THAT(
      writable_disks("<domain><devices><disk><source file='/a'/></disk><disk><source dev='/dev/b'/></disk>"
                     "<disk><source file='/c'/><readonly/></disk><disk><source file='/d'/><shareable/></disk>"
                     "<disk device='cdrom'/><disk><source file='/e'/><transient/></disk></devices></domain>"),
      testing::ElementsAre("/a", "/dev/b"));
}

}  // namespace
}  // namespace gpupass::diff_test
