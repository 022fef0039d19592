// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/boot_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"

namespace gpupass::boot_file_test {
namespace {

using testing::HasSubstr;

const BootBinding kGpu{*PciAddress::parse("0000:65:00.0"),
                       {0x10de, 0x20b0, 0x10de, 0x145f, "00112233aabbccdd"}};
const BootBinding kAudio{*PciAddress::parse("0000:65:00.1"), {0x10de, 0x0001, 0x0000, 0xffff, ""}};
const BootBinding kFar{*PciAddress::parse("10001:01:1f.7"), {0x1002, 0x744c, 0x1002, 0x0e3b, ""}};

/// As System::read() gives it.
std::string without_last_newline(std::string text) {
  text.pop_back();
  return text;
}

std::string complaint(const std::string& content) {
  try {
    parse_boot_file(content);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Malformed);
    EXPECT_EQ(error.subject(), "/etc/gpupass/boot-bindings");
    return error.what();
  }
  ADD_FAILURE() << "accepted: " << content;
  return {};
}

TEST(BootFile, IsALineForEachBinding) {
  EXPECT_EQ(
      to_boot_file({kGpu, kAudio}),
      "format 1\n0000:65:00.0 10de:20b0 10de:145f 00112233aabbccdd\n0000:65:00.1 10de:0001 0000:ffff\n");
  EXPECT_EQ(to_boot_file({}), "");
}

TEST(BootFile, ReadsBackWhatWasWritten) {
  for (const std::vector<BootBinding>& bindings : {std::vector{kGpu}, {kAudio}, {kGpu, kAudio, kFar}})
    EXPECT_EQ(parse_boot_file(without_last_newline(to_boot_file(bindings))), bindings);
}

/// An earlier version does right without them, or the file is of another format.
TEST(BootFile, MayHaveWordsOfALaterVersion) {
  EXPECT_EQ(parse_boot_file("format 1\n0000:65:00.0 10de:20b0 10de:145f 00112233aabbccdd slot=7 uuid=GPU-1=\n"
                            "0000:65:00.1 10de:0001 0000:ffff slot=7"),
            (std::vector{kGpu, kAudio}));
  for (const char* word : {"=", "slot=", "=7", "slot", "slot=7 ", " slot=7", "slot=7 x"})
    EXPECT_THAT(complaint(std::string("format 1\n0000:65:00.0 10de:20b0 10de:145f ") + word),
                HasSubstr("expected an address"))
        << word;
}

TEST(BootFile, HasOneFormAndNoOther) {
  EXPECT_THAT(complaint(""), HasSubstr("saw \"\", expected \"format 1\""));
  EXPECT_THAT(complaint("format 2\n0000:65:00.0 10de:20b0 10de:145f"), HasSubstr("saw \"format 2\""));
  EXPECT_THAT(complaint("format 1"), HasSubstr("at least one binding"));
  for (const char* line : {"",
                           " ",
                           "#",
                           "65:00.0 10de:20b0 10de:145f",
                           "0000:65:00.8 10de:20b0 10de:145f",
                           "0000:65:20.0 10de:20b0 10de:145f",
                           "0000:6F:00.0 10de:20b0 10de:145f",
                           "0000:65:00.0 10DE:20b0 10de:145f",
                           "0000:65:00.0 10de:20b0",
                           "0000:65:00.0 10de:20b0 ",
                           "0000:65:00.0 10de:20b0 10de:145f ",
                           "0000:65:00.0  10de:20b0 10de:145f",
                           "0000:65:00.0 10de:20b 10de:145f",
                           "0000:65:00.0 0x10de:20b0 10de:145f",
                           "0000:65:00.0 10de:20b0 10de:145f 0011",
                           "0000:65:00.0 10de:20b0 10de:145f 00112233AABBCCDD",
                           "0000:65:00.0 10de:20b0 10de:145f 00112233aabbccdd ",
                           "0000:65:00.0\t10de:20b0 10de:145f",
                           "../../../etc/shadow 10de:20b0 10de:145f",
                           "$(reboot) 10de:20b0 10de:145f",
                           "00000:65:00.0 10de:20b0 10de:145f",
                           "0000:65:00.0 10de:20b0 10de:145f\r"})
    complaint(std::string("format 1\n") + line);
}

TEST(BootFile, HasEachAddressOnceInOrder) {
  const std::string file = "format 1\n0000:65:00.1 10de:0001 0000:ffff\n0000:65:00.0 10de:20b0 10de:145f";
  EXPECT_THAT(complaint(file), HasSubstr("ascending"));
  EXPECT_THAT(complaint("format 1\n0000:65:00.1 10de:0001 0000:ffff\n0000:65:00.1 10de:0001 0000:ffff"),
              HasSubstr("each once"));
  complaint("format 1\n0000:65:00.1 10de:0001 0000:ffff\n");
}

TEST(BootFile, NeverTakesCutOffOrPaddedTextForWhole) {
  const std::string whole = without_last_newline(to_boot_file({kGpu, kAudio}));
  const std::size_t first_line = whole.find('\n', whole.find('\n') + 1);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    if (length == first_line || length == first_line - 17)
      continue;  // A whole list too; so is one without a serial number.
    EXPECT_FALSE(complaint(whole.substr(0, length)).empty()) << length;
  }
}

TEST(BootImageEntry, IsAPathWithoutTheSerialNumber) {
  EXPECT_EQ(boot_image_entry(kGpu), "etc/gpupass/boot-bindings/0000:65:00.0,10de:20b0,10de:145f");
  EXPECT_EQ(boot_image_entry(kFar), "etc/gpupass/boot-bindings/10001:01:1f.7,1002:744c,1002:0e3b");
}

TEST(KernelName, CanBePartOfAPathAndAnArgument) {
  for (const char* name : {"6.1.0-18-amd64", "6.6.8-100.fc38.x86_64", "5.10.0+deb~1"})
    EXPECT_TRUE(is_kernel_name(name)) << name;
  for (const char* name : {"", "-o", ".", "..", ".x", "a/b", "a b", "a\n", "$(x)"})
    EXPECT_FALSE(is_kernel_name(name)) << name;
}

}  // namespace
}  // namespace gpupass::boot_file_test
