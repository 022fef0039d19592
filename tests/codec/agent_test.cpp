// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "codec/agent/agent_reply.hpp"
#include "codec/agent/base64.hpp"
#include "codec/agent/nvidia.hpp"
#include "gpupass/services.hpp"
#include "support/error_of.hpp"

namespace gpupass::agent_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Base64, IsDecoded) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v"), "foo");
  EXPECT_EQ(decode_base64("Zm9vYg=="), "foob");
  EXPECT_EQ(decode_base64("AP+/"), std::string("\0\xff\xbf", 3));
}

TEST(Base64, IsNothingElse) {
  for (const char* text : {"Z", "Zm9", "Zm9v\n", "====", "Zh==", "Zm9=", "Zm9vZ===", "Zm=v", "Z-9_", "Zm 9"})
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
}

TEST(AgentReply, CommandsAreJsonAndKeepTheirTexts) {
  EXPECT_EQ(agent_command("guest-info"), R"({"execute":"guest-info"})");
  const auto run = nlohmann::json::parse(run_command("/bin/sh", {"-c", "echo \"a\"\n"}));
  EXPECT_EQ(run["execute"], "guest-exec");
  EXPECT_EQ(run["arguments"]["path"], "/bin/sh");
  EXPECT_EQ(run["arguments"]["arg"], nlohmann::json({"-c", "echo \"a\"\n"}));
  EXPECT_EQ(run["arguments"]["capture-output"], true);
  EXPECT_EQ(nlohmann::json::parse(run_status_command(7))["arguments"]["pid"], 7);
}

TEST(AgentReply, IsRead) {
  const AgentAbilities abilities = agent_abilities(
      R"({"return":{"version":"7.2.0","supported_commands":[{"enabled":true,"name":"guest-ping","success-response":true},
          {"enabled":false,"name":"guest-exec","success-response":true}]}})");
  EXPECT_TRUE(can(abilities, "guest-ping"));
  EXPECT_FALSE(can(abilities, "guest-exec"));
  EXPECT_FALSE(can(abilities, "guest-exec-status"));
  const AgentSystem system =
      agent_system(R"json({"return":{"id":"debian","pretty-name":"Debian GNU/Linux 12 (bookworm)"}})json");
  EXPECT_EQ(system.id, "debian");
  EXPECT_EQ(system.pretty_name, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(started_process(R"({"return":{"pid":4711}})"), 4711);
  EXPECT_FALSE(process_state(R"({"return":{"exited":false}})").exited);
  const AgentProcess ended = process_state(R"({"return":{"exited":true,"exitcode":3,"out-data":"aGkK"}})");
  EXPECT_TRUE(ended.exited);
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(ended.output, "hi\n");
  EXPECT_TRUE(process_state(R"({"return":{"exited":true,"exitcode":0,"out-truncated":true}})").truncated);
}

/// Whoever controls the guest writes it.
TEST(AgentReply, ThatIsHostileIsRefused) {
  const std::string deep = std::string(100000, '[');
  const std::string deep_and_closed = R"({"return":)" + std::string(70, '[') + std::string(70, ']') + "}";
  const std::string large = R"({"return":{"pid":1},"a":")" + std::string(kLargestAgentReply, 'a') + "\"}";
  for (const std::string& reply :
       {std::string(), std::string("null"), std::string("{}"), std::string("[]"),
        std::string(R"({"return":1})"), std::string(R"({"error":{"class":"GenericError","desc":"no"}})"),
        deep, deep_and_closed, large, std::string(R"({"return":{"pid":-99999999999999999999}})"),
        std::string(R"({"return":{"pid":1.5}})"), std::string(R"({"return":{"pid":"1"}})")})
    EXPECT_EQ(error_of([&] { started_process(reply); }).code(), ErrorCode::Malformed) << reply.substr(0, 60);
  for (const char* reply : {R"({"return":{"exited":1}})", R"({"return":{"exited":true,"exitcode":1e300}})",
                            R"({"return":{"exited":true,"out-data":"not base64!"}})",
                            R"({"return":{"exited":true,"out-data":7}})"})
    EXPECT_EQ(error_of([&] { process_state(reply); }).code(), ErrorCode::Malformed) << reply;
  EXPECT_EQ(error_of([] { agent_abilities(R"({"return":{"supported_commands":{"name":"x"}}})"); }).code(),
            ErrorCode::Malformed);
}

TEST(NvidiaSmi, RowsAreRead) {
  EXPECT_THAT(nvidia_gpus("00000000:C1:00.0, 550.54.15\n00000000:81:00.0, 550.54.15\n"),
              ElementsAre(NvidiaGpu{{0, 0x81, 0, 0}, "550.54.15"}, NvidiaGpu{{0, 0xc1, 0, 0}, "550.54.15"}));
  EXPECT_TRUE(nvidia_gpus("").empty());
}

TEST(NvidiaSmi, OtherTextIsRefused) {
  for (const char* text : {"No devices were found", "00000000:C1:00.0", "00000000:C1:00.0, ", "x, 550",
                           "00000000:C1:00.0, 550\x1b[31m", "00000000:C1:00.0, 550, 1"})
    EXPECT_EQ(error_of([&] { nvidia_gpus(text); }).code(), ErrorCode::Malformed) << text;
  std::string many;
  for (int i = 0; i < 300; ++i) many += "00000000:C1:00.0, 550\n";
  EXPECT_EQ(error_of([&] { nvidia_gpus(many); }).code(), ErrorCode::Malformed);
}

constexpr const char* kMeasured = R"json({
  "nvbandwidth" : {
    "CUDA Runtime Version" : 12040,
    "Driver Version" : "550.54.15",
    "git_version" : "v0.8",
    "testcases" : [
      {"bandwidth_description" : "memcpy CE CPU(row) -> GPU(column) bandwidth (GB/s)",
       "bandwidth_matrix" : [["55.25", "N/A"]],
       "name" : "host_to_device_memcpy_ce", "status" : "Passed", "sum" : 55.25},
      {"bandwidth_matrix" : [["54.5", "53"]],
       "name" : "device_to_host_memcpy_ce", "status" : "Passed", "sum" : 107.5},
      {"name" : "device_to_device_memcpy_read_ce", "status" : "Waived"}
    ]
  }
})json";

TEST(Nvbandwidth, MatricesAreRead) {
  const MeasuredBandwidths measured = measured_bandwidths(kMeasured);
  EXPECT_THAT(measured.to_gpu, ElementsAre(55.25, std::nullopt));
  EXPECT_THAT(measured.from_gpu, ElementsAre(54.5, 53.0));
  const std::vector<NvidiaGpu> gpus = {{{0, 0x81, 0, 0}, "1"}, {{0, 0xc1, 0, 0}, "1"}};
  EXPECT_THAT(bandwidths_of(gpus, measured), ElementsAre(Bandwidth{{0, 0x81, 0, 0}, 55.25, 54.5}));
  EXPECT_EQ(error_of([&] { bandwidths_of({gpus.front()}, measured); }).code(), ErrorCode::Malformed);
}

TEST(Nvbandwidth, OtherTextIsRefused) {
  const auto with = [](const std::string& cell) {
    return R"({"nvbandwidth":{"testcases":[{"name":"host_to_device_memcpy_ce","status":"Passed",
               "bandwidth_matrix":[[)" +
           cell + "]]}]}}";
  };
  EXPECT_THAT(measured_bandwidths(with("12.5")).to_gpu, ElementsAre(12.5));
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("{\"nvbandwidth\":[]}"), std::string(100000, '{'),
        with("\"nan\""), with("\"inf\""), with("\"-1\""), with("0"), with("\"1e300\""), with("1e300"),
        with("\"5x\""), with("[1]"), with("null")})
    EXPECT_EQ(error_of([&] { measured_bandwidths(text); }).code(), ErrorCode::Malformed)
        << text.substr(0, 120);
}

}  // namespace
}  // namespace gpupass::agent_test
