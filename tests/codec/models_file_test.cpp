// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/models_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "support/error_of.hpp"

namespace gpupass::models_file_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kFile = R"({"format": 1, "models": [{"model": "Example 100", "vendor": "10de",
  "devices": ["2330", "2331"], "effect": "reset-fails", "source": "ticket 4711", "remedy": "reboot",
  "until": "6.12"}]})";

std::string with(const std::string& what, const std::string& instead) {
  return std::regex_replace(kFile, std::regex(what), instead);
}

TEST(ModelsFile, SaysWhatIsKnownOfWhichCards) {
  const auto rows = parse_models(kFile);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].vendor, 0x10de);
  EXPECT_THAT(rows[0].devices, ElementsAre(0x2330, 0x2331));
  EXPECT_TRUE(rows[0].reset_fails);
  EXPECT_EQ(rows[0].until, "6.12");
  EXPECT_EQ(rows[0].known, (KnownModel{"Example 100", "ticket 4711", "reboot"}));
  EXPECT_FALSE(parse_models(with("reset-fails", "none"))[0].reset_fails);
}

TEST(ModelsFile, SaysWhereItIsWrong) {
  const auto message = [](const std::string& text) {
    return std::string(error_of([&] { parse_models(text); }).what());
  };
  EXPECT_THAT(message("{}"), HasSubstr("format"));
  EXPECT_THAT(message(with("2331", "0x23")), HasSubstr("models[0].devices"));
  EXPECT_THAT(message(with("10de", "nvidia")), HasSubstr("four hexadecimal digits"));
  EXPECT_THAT(message(with("reset-fails", "slow")), HasSubstr("\"reset-fails\" or \"none\""));
  EXPECT_THAT(message(with("remedy", "remdey")), HasSubstr("remdey"));
  EXPECT_THAT(message(with("\"source\": \"ticket 4711\", ", "")), HasSubstr("models[0].source"));
  EXPECT_THAT(message(with("ticket 4711", R"(\u001b[31mred)")), HasSubstr("a line of 1 to 300"));
  EXPECT_THAT(message(with("ticket", std::string(400, 't'))), HasSubstr("a line of 1 to 300"));
}

}  // namespace
}  // namespace gpupass::models_file_test
