// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/text.hpp"

#include <gtest/gtest.h>

#include "render/text/names.hpp"
#include "render/text/table.hpp"
#include "support/two_sockets.hpp"
#include "values/link.hpp"

namespace gpupass::text_test {
namespace {

TEST(Printable, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(printable("GA102 [GeForce RTX 3090]"), "GA102 [GeForce RTX 3090]");
  EXPECT_EQ(printable("Grafikkarte f\xc3\xbcr \xe2\x82\xac 5 \xf0\x9f\x98\x80"),
            "Grafikkarte f\xc3\xbcr \xe2\x82\xac 5 \xf0\x9f\x98\x80");
}

TEST(Printable, EscapesControlCharacters) {
  EXPECT_EQ(printable("a\x1b[31mb"), "a\\x1B[31mb");
  EXPECT_EQ(printable("a\nb\tc\x7f"), "a\\x0Ab\\x09c\\x7F");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xC2\\x9B") << "C1: a terminal may read it as ESC [";
}

TEST(Printable, EscapesWhatTurnsTextAround) {
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\xE2\\x80\\xAE");
}

TEST(Printable, EscapesBrokenUtf8) {
  EXPECT_EQ(printable("\xff"), "\\xFF");
  EXPECT_EQ(printable("a\xc3"), "a\\xC3") << "cut off";
  EXPECT_EQ(printable("\xc0\xaf"), "\\xC0\\xAF") << "overlong";
  EXPECT_EQ(printable("\xe0\x80\xaf"), "\\xE0\\x80\\xAF") << "overlong";
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xED\\xA0\\x80") << "a surrogate";
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80") << "above U+10FFFF";
  EXPECT_EQ(printable("\xc3(x"), "\\xC3(x");
}

TEST(TableText, AlignsByCharactersNotBytes) {
  Table table;
  table.add({"\xc3\xbc", "1"});
  table.add({"ab", "2"});
  EXPECT_EQ(table.to_string(), "\xc3\xbc   1\nab  2\n");
}

TEST(TableText, HasNoBlanksAtTheEndOfALine) {
  Table table;
  table.add({"a", "", ""});
  table.add({"b", "long"});
  EXPECT_EQ(table.to_string({}, 2), "  a\n  b  long\n");
}

TEST(Shortened, NeverCutsACharacter) {
  EXPECT_EQ(shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(shortened("abcdefg", 6), "abc...");
  EXPECT_EQ(shortened("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", 4), "\xc3\xbc...");
}

TEST(RoundedSize, ForReading) {
  EXPECT_EQ(rounded_size(0), "0 bytes");
  EXPECT_EQ(rounded_size(4096), "4 KiB");
  EXPECT_EQ(rounded_size(135'056'445'440), "125.8 GiB");
  EXPECT_EQ(rounded_size(~std::uint64_t{0}), "16777216 TiB");
}

TEST(FactText, TellsNothingFromUnknown) {
  EXPECT_EQ(text_of(Fact<int>(0)), "0");
  EXPECT_EQ(text_of(Fact<int>(Absent{})), "-");
  EXPECT_EQ(text_of(Fact<int>(Unknown{"why"})), "?");
}

TEST(PathLink, IsTheLeastOfAllHops) {
  Host host = two_sockets();
  PciFunction& gpu = function_of(host, kGpu0);
  gpu.link = PciLink{2.5, 16, 16, 16};
  PciFunction& port = function_of(host, *gpu.parent);
  port.link = PciLink{2.5, 8, 32, 8};
  const auto best = path_link(host, gpu);
  ASSERT_TRUE(best);
  EXPECT_EQ(best->max_speed_gts, 16);
  EXPECT_EQ(best->max_width, 8U);

  port.link = Unknown{"not readable"};
  EXPECT_TRUE(path_link(host, gpu).unknown());
  port.link = Absent{};
  EXPECT_EQ(path_link(host, gpu)->max_width, 16U) << "a conventional bridge has no lanes";
}

TEST(LinkText, MarksMissingLanes) {
  EXPECT_EQ(link_now(PciLink{2.5, 16, 16, 16}), "Gen1 x16");
  EXPECT_EQ(link_now(PciLink{16, 8, 16, 16}), "Gen4 x8");
  EXPECT_EQ(link_now_of_best(PciLink{16, 8, 16, 16}), "Gen4 x8 (x16)");
  EXPECT_EQ(link_now_of_best(PciLink{2.5, 16, 32, 16}), "Gen1 x16 (Gen5)");
  EXPECT_EQ(link_now_of_best(PciLink{32, 16, 32, 16}), "Gen5 x16");
  EXPECT_EQ(link_now(PciLink{2000, 16, 2000, 16}), "2000 GT/s x16");
  EXPECT_EQ(link_now(PciLink{0, 0, 16, 16}), "?") << "as of a virtual function";
  EXPECT_EQ(link_now(Fact<PciLink>(Absent{})), "-");
}

TEST(Table, NarrowsItsColumnsInTheOrderThatWasSaid) {
  Table table;
  table.add({"address", "a long name", "a long state"});
  table.may_narrow(1, 6);
  table.may_narrow(2, 6);
  EXPECT_EQ(table.to_string(), "address  a long name  a long state\n");
  EXPECT_EQ(table.to_string({.columns = 30}), "address  a lo...  a long state\n");
  EXPECT_EQ(table.to_string({.columns = 24}), "address  a l...  a lo...\n");
  EXPECT_EQ(table.to_string({.columns = 10}), "address  .\n") << "at last the line ends";
}

TEST(Table, ColoursOnlyWhereTheViewHasColours) {
  Table table;
  table.add({{"no", Tone::Bad}, "why"});
  EXPECT_EQ(table.to_string(), "no  why\n");
  EXPECT_EQ(table.to_string({.colour = true}), "\033[31mno\033[0m  why\n");
}

TEST(Wrapped, KeepsWordsWholeWhereItCan) {
  EXPECT_EQ(wrapped("one two three", {}, 2), "one two three");
  EXPECT_EQ(wrapped("one two three", {.columns = 8}, 2), "one two\n  three");
  EXPECT_EQ(wrapped("CPUs 0,2,4,6,8", {.columns = 8}, 2), "CPUs\n  0,2,4,\n  6,8")
      << "a word that no line holds";
  EXPECT_EQ(wrapped("one two", {.columns = 8}, 2, 4), "one\n  two") << "a part of the first line is taken";
}

TEST(ModelName, IsWhatTheModelIsSoldAs) {
  PciFunction gpu;
  const auto called = [&](const char* name) {
    return model_name(gpu,
                      [name](std::uint16_t, std::uint16_t) { return PciNames{"NVIDIA Corporation", name}; });
  };
  EXPECT_EQ(called("GH100 [H100 SXM5 80GB]"), "?");
  gpu.vendor = 0x10de;
  gpu.device = 0x2330;
  EXPECT_EQ(called("GH100 [H100 SXM5 80GB]"), "H100 SXM5 80GB");
  EXPECT_EQ(called("GH100[H100 SXM5 80GB]"), "H100 SXM5 80GB") << "as Debian 12 has it";
  EXPECT_EQ(called("ASPEED Graphics Family"), "ASPEED Graphics Family");
  EXPECT_EQ(called("odd []"), "odd []");
  EXPECT_EQ(called(""), "10de:2330");
}

TEST(ShortAddress, HasADomainWhereThereAreSeveral) {
  Host host;
  host.functions.resize(2);
  host.functions[0].address = *PciAddress::parse("0000:65:00.0");
  host.functions[1].address = *PciAddress::parse("0000:66:00.0");
  EXPECT_EQ(short_address(host, host.functions[0].address), "65:00.0");
  host.functions[1].address = *PciAddress::parse("10000:66:00.0");
  EXPECT_EQ(short_address(host, host.functions[0].address), "0000:65:00.0");
}

}  // namespace
}  // namespace gpupass::text_test
