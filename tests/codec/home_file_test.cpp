// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/home_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"

namespace gpupass::home_file_test {
namespace {

using testing::HasSubstr;

const PciAddress kGpu = *PciAddress::parse("0000:65:00.0");

std::string complaint(const std::string& content) {
  try {
    parse_home_file(kGpu, content);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Malformed);
    EXPECT_EQ(error.subject(), "/run/gpupass/home/0000:65:00.0");
    return error.what();
  }
  ADD_FAILURE() << "accepted: " << content;
  return {};
}

TEST(HomeFile, IsOneLineOfJson) {
  const Home home{kGpu, {"nvidia", ""}, {0x10de, 0x20b0}};
  EXPECT_EQ(to_home_file(home),
            "{\"format\":1,\"driver\":\"nvidia\",\"driver_override\":\"\",\"vendor\":\"10de\",\"device\":"
            "\"20b0\"}\n");
}

TEST(HomeFile, ReadsBackWhatWasWritten) {
  for (const DriverState& state : {DriverState{"nvidia", ""}, DriverState{"", ""}, DriverState{"", "none"},
                                   DriverState{"snd_hda_intel", "snd_hda_intel"}}) {
    const Home home{kGpu, state, {0x10de, 0x0001}};
    EXPECT_EQ(parse_home_file(kGpu, to_home_file(home)), home);
  }
}

TEST(HomeFile, RemembersPower) {
  for (const bool allowed : {false, true}) {
    const Home home{kGpu, {"nvidia", ""}, {0x10de, 0x0001}, allowed, !allowed};
    EXPECT_EQ(parse_home_file(kGpu, to_home_file(home)), home);
  }
}

TEST(HomeFile, RemembersWhatMadeWay) {
  Home home{kGpu, {"nvidia", ""}, {0x10de, 0x20b0}};
  const std::string before = to_home_file(home);
  home.made_way = {{"gdm.service", "user@1000.service"}, true, "efi-framebuffer.0"};
  EXPECT_EQ(parse_home_file(kGpu, to_home_file(home)), home);
  for (const char* field :
       {R"("services":["../x.service"])", R"("services":["gdm"])", R"("services":[1])",
        R"("services":"a.service")", R"("console":1)", R"("framebuffer":"serial8250.0")"}) {
    EXPECT_THROW(parse_home_file(kGpu, "{" + std::string(field) + "," + before.substr(1)), Error) << field;
  }
}

TEST(HomeFile, KeepsWhichDeviceItIs) {
  Home home{kGpu, {"nvidia", ""}, {0x10de, 0x20b0}};
  home.identity.subsystem_vendor = 0x10de;
  home.identity.subsystem_device = 0x134f;
  home.identity.serial = "48b02d0000a1b2c3";
  home.identity.uuid = "GPU-7c5b8f0e";
  home.identity.path = "pci0000:64/00.0/00.0";
  EXPECT_EQ(parse_home_file(kGpu, to_home_file(home)), home);
  const std::string good = R"({"format":1,"driver":"","driver_override":"","vendor":"10de","device":"20b0")";
  EXPECT_EQ(parse_home_file(kGpu, good + "}").identity.serial, "");
  EXPECT_THROW(parse_home_file(kGpu, good + R"(,"serial":7})"), Error);
  EXPECT_THROW(parse_home_file(kGpu, good + R"(,"subsystem_vendor":"0x10"})"), Error);
  EXPECT_THROW(parse_home_file(kGpu, good + R"(,"uuid":")" + std::string(300, 'a') + "\"}"), Error);
}

TEST(HomeFile, MayHaveFieldsOfALaterVersion) {
  const std::string text = to_home_file(Home{kGpu, {"nvidia", ""}, {0x10de, 0x20b0}});
  EXPECT_EQ(parse_home_file(kGpu, text.substr(0, text.size() - 2) + R"(,"later":{"a":[1]}})"),
            parse_home_file(kGpu, text));
}

TEST(HomeFile, IsRefusedWithValuesWithinValuesOverAndOver) {
  const std::string deep(200'000, '[');
  EXPECT_THAT(complaint("{\"format\":" + deep + std::string(200'000, ']') + "}"),
              HasSubstr("at most 64 levels"));
}

TEST(HomeFile, RefusesWhatIsNoRecord) {
  EXPECT_THAT(complaint(""), HasSubstr("saw no JSON, expected a JSON object"));
  EXPECT_THAT(complaint("{\"format\":1"), HasSubstr("saw no JSON"));
  EXPECT_THAT(complaint("[1]"), HasSubstr("saw [1], expected a JSON object"));
  EXPECT_THAT(complaint("{}"), HasSubstr("saw no \"format\""));
  EXPECT_THAT(complaint("{\"format\":2}"), HasSubstr("saw format 2, expected 1"));
  EXPECT_THAT(
      complaint("{\"format\":1,\"driver\":\"\",\"driver_override\":\"\",\"vendor\":\"10de\",\"device\":"
                "\"20b0\",\"d3cold_allowed\":1}"),
      HasSubstr("\"d3cold_allowed\": 1, expected true or false"));
  EXPECT_THAT(complaint("{\"format\":1,\"driver\":7}"), HasSubstr("\"driver\": 7"));
}

TEST(HomeFile, RefusesDriverNamesThatLeaveTheirFolder) {
  for (const char* name : {"../../kernel", "a/b", "..", "with space", "line\\nbreak", "\\u001b[2J"}) {
    const auto text =
        std::string("{\"format\":1,\"driver_override\":\"\",\"vendor\":\"10de\",\"device\":\"20b0\",") +
        "\"driver\":\"" + name + "\"}";
    const std::string message = complaint(text);
    EXPECT_THAT(message, HasSubstr("expected a driver's name"));
    EXPECT_EQ(message.find('\x1b'), message.npos);
  }
}

TEST(HomeFile, RefusesIdsThatAreNotFourDigits) {
  for (const char* id : {"\"10d\"", "\"010de\"", "\"wxyz\"", "\"0x1f\"", "4318", "null"})
    EXPECT_THAT(
        complaint(std::string("{\"format\":1,\"driver\":\"\",\"driver_override\":\"\",\"device\":\"20b0\","
                              "\"vendor\":") +
                  id + "}"),
        HasSubstr("expected four hexadecimal digits"))
        << id;
}

}  // namespace
}  // namespace gpupass::home_file_test
