// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "support/base64.hpp"
#include "support/two_sockets.hpp"
#include "support/validated_guest.hpp"
#include "system/read_only_system.hpp"

namespace gpupass::guest_test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What a program in the guest prints, and how it ends.
struct Printed {
  std::string text;
  int exit_code = 0;
  bool exits = true;
};

/// A machine whose guest "vm" has an agent that answers as recorded.
class AgentDouble : public ReadOnlySystem {
 public:
  Printed listing{listing_of_guest()};
  Printed nvidia_smi{"00000000:81:00.0, 550.54.15\n00000000:C1:00.0, 550.54.15\n"};
  Printed dmesg{};
  Printed nvbandwidth{"", 127};
  /// Replies in place of those of the agent, by the command's name.
  std::map<std::string, Fact<std::string>> instead;
  mutable std::vector<std::string> asked;

  Fact<std::string> read(std::string_view) const override { return Absent{}; }
  Fact<std::vector<std::string>> list(std::string_view) const override { return Absent{}; }
  Fact<std::string> link(std::string_view) const override { return Absent{}; }
  Fact<std::string> read_guarded(std::string_view) const override { return Absent{}; }

 private:
  void answer(AnyExchange& exchange) const override {
    ReadOnlySystem::answer(exchange);
    if (auto* agent = std::get_if<Exchange<AgentQuestion>>(&exchange)) {
      EXPECT_EQ(agent->question.domain, "vm");
      agent->answer = reply_to(json::parse(agent->question.command));
    }
  }

  Fact<std::string> reply_to(const json& command) const {
    const std::string name = command["execute"];
    asked.push_back(name);
    if (const auto found = instead.find(name); found != instead.end()) return found->second;
    if (name == "guest-info")
      return std::string(
          R"({"return":{"version":"7.2.0","supported_commands":[{"enabled":true,"name":"guest-exec"},
                             {"enabled":true,"name":"guest-exec-status"}]}})");
    if (name == "guest-get-osinfo")
      return std::string(
          R"json({"return":{"id":"debian","pretty-name":"Debian GNU/Linux 12 (bookworm)"}})json");
    if (name == "guest-exec") return json{{"return", {{"pid", start(command["arguments"])}}}}.dump();
    if (name == "guest-exec-status") return status(started_.at(command["arguments"]["pid"]));
    return Unknown{"the command has not been found"};
  }

  std::size_t start(const json& arguments) const {
    EXPECT_EQ(arguments["path"], "/bin/sh");
    EXPECT_EQ(arguments["arg"][0], "-c");
    const std::string script = arguments["arg"][1];
    const auto runs = [&](const char* program) { return script.find(program) != script.npos; };
    started_.push_back(runs("nvidia-smi")    ? &nvidia_smi
                       : runs("nvbandwidth") ? &nvbandwidth
                       : runs("dmesg")       ? &dmesg
                                             : &listing);
    return started_.size() - 1;
  }

  static std::string status(const Printed* program) {
    if (!program->exits) return R"({"return":{"exited":false}})";
    return json{
        {"return", {{"exited", true}, {"exitcode", program->exit_code}, {"out-data", base64(program->text)}}}}
        .dump();
  }

  mutable std::vector<const Printed*> started_;
};

GuestFacts ask(const AgentDouble& system, Measure measure = Measure::No) {
  return probe_guest(system, "vm", {.bandwidth = measure, .patience = std::chrono::milliseconds(0)});
}

TEST(ProbeGuest, ReadsAHealthyGuest) {
  const GuestFacts guest = ask(AgentDouble());
  EXPECT_EQ(guest.runs_programs, Fact<bool>(true));
  EXPECT_EQ(guest.system, healthy_guest().system);
  EXPECT_EQ(guest.nvidia_gpus, healthy_guest().nvidia_gpus);
  EXPECT_EQ(guest.errors, healthy_guest().errors);
  EXPECT_FALSE(guest.bandwidths.asked());
  ASSERT_TRUE(guest.machine) << guest.machine.why();
  ASSERT_EQ(guest.machine->functions.size(), 4u);
  const PciFunction& gpu = guest.machine->functions[1];
  EXPECT_EQ(gpu.address, kGuestGpu0);
  EXPECT_EQ(gpu.driver, Fact<std::string>("nvidia"));
  EXPECT_EQ(gpu.numa_node, Fact<int>(0));
  EXPECT_EQ(gpu.link, Fact<PciLink>({32, 16, 32, 16}));
  EXPECT_EQ(gpu.bars->size(), 3u);
  EXPECT_EQ(guest.machine->numa_nodes->at(1).cpus, Fact<CpuSet>({4, 5, 6, 7}));
  for (const Finding& finding : validate(host_with_guest(), "vm", guest))
    EXPECT_EQ(finding.verdict, Verdict::Pass) << finding.message;
}

TEST(ProbeGuest, MeasuresOnlyIfItIsAsked) {
  AgentDouble system;
  EXPECT_TRUE(ask(system, Measure::Yes).bandwidths.absent());
  system.nvbandwidth = {R"({"nvbandwidth":{"testcases":[
      {"name":"host_to_device_memcpy_ce","status":"Passed","bandwidth_matrix":[["55.1","55.2"]]},
      {"name":"device_to_host_memcpy_ce","status":"Passed","bandwidth_matrix":[["50","51"]]}]}})"};
  EXPECT_THAT(*ask(system, Measure::Yes).bandwidths,
              ElementsAre(Bandwidth{kGuestGpu0, 55.1, 50}, Bandwidth{kGuestGpu1, 55.2, 51}));
  EXPECT_FALSE(ask(system).bandwidths.asked());
}

TEST(ProbeGuest, ReadsWhatTheKernelLogged) {
  AgentDouble system;
  system.dmesg.text = "[1.0] NVRM: Xid (PCI:0000:81:00): 79\n" + std::string(1000, 'x') + "\n";
  for (int i = 0; i < 100; ++i) system.dmesg.text += "more\n";
  const GuestFacts guest = ask(system);
  ASSERT_EQ(guest.errors->size(), 20u);
  EXPECT_EQ(guest.errors->at(0), "[1.0] NVRM: Xid (PCI:0000:81:00): 79");
  EXPECT_EQ(guest.errors->at(1).size(), 200u);
  system.dmesg.exit_code = 1;
  EXPECT_TRUE(ask(system).errors.unknown());
}

TEST(ProbeGuest, AProgramThatIsNotThereIsAbsent) {
  AgentDouble system;
  system.nvidia_smi = {"", 127};
  EXPECT_TRUE(ask(system).nvidia_gpus.absent());
  EXPECT_TRUE(ask(system, Measure::Yes).bandwidths.absent());
  system.nvidia_smi = {"NVIDIA-SMI has failed because it couldn't communicate\n", 9};
  EXPECT_THAT(ask(system).nvidia_gpus.why(), HasSubstr("status 9: \"NVIDIA-SMI has failed"));
}

/// All of it is unknown with the reason, and no program is tried.
TEST(ProbeGuest, NoAgentTellsNothing) {
  AgentDouble system;
  system.instead["guest-info"] = Unknown{"Guest agent is not responding: QEMU guest agent is not connected"};
  const GuestFacts guest = ask(system, Measure::Yes);
  for (const std::string& why : {guest.runs_programs.why(), guest.system.why(), guest.machine.why(),
                                 guest.nvidia_gpus.why(), guest.errors.why(), guest.bandwidths.why()})
    EXPECT_THAT(why, HasSubstr("is not connected"));
  EXPECT_THAT(system.asked, ElementsAre("guest-info"));
}

TEST(ProbeGuest, ACaptureHasNoAgent) {
  class Plain : public AgentDouble {
    void answer(AnyExchange& exchange) const override { ReadOnlySystem::answer(exchange); }
  };
  EXPECT_THAT(ask(Plain()).machine.why(), HasSubstr("captured machine"));
}

TEST(ProbeGuest, ForbiddenProgramsAreNotTried) {
  AgentDouble system;
  system.instead["guest-info"] = std::string(
      R"({"return":{"supported_commands":[{"enabled":false,"name":"guest-exec"},{"enabled":true,"name":"guest-exec-status"}]}})");
  const GuestFacts guest = ask(system);
  EXPECT_EQ(guest.runs_programs, Fact<bool>(false));
  EXPECT_EQ(*guest.system, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_THAT(guest.machine.why(), HasSubstr("guest-exec"));
  EXPECT_THAT(system.asked, ElementsAre("guest-info", "guest-get-osinfo"));
}

TEST(ProbeGuest, WindowsIsNotRead) {
  AgentDouble system;
  system.instead["guest-get-osinfo"] =
      std::string(R"({"return":{"id":"mswindows","pretty-name":"Windows Server"}})");
  const GuestFacts guest = ask(system);
  EXPECT_EQ(*guest.system, "Windows Server");
  EXPECT_THAT(guest.machine.why(), HasSubstr("Windows"));
  EXPECT_EQ(system.asked.size(), 2u);
}

TEST(ProbeGuest, AProgramThatDoesNotEndIsUnknown) {
  AgentDouble system;
  system.listing.exits = false;
  EXPECT_THAT(ask(system).machine.why(), HasSubstr("did not end"));
}

/// Whoever controls the guest writes all of it: facts are unknown then, and nothing else happens.
TEST(ProbeGuest, HostileRepliesAreUnknown) {
  const std::string deep = std::string(200000, '[');
  for (const std::string& reply : {std::string(), deep, std::string("{\"return\":{\"pid\":[]}}"),
                                   std::string("{\"return\":{\"exited\":true,\"out-data\":\"*\"}}")}) {
    for (const char* command : {"guest-info", "guest-get-osinfo", "guest-exec", "guest-exec-status"}) {
      AgentDouble system;
      system.instead[command] = reply;
      const GuestFacts guest = ask(system, Measure::Yes);
      EXPECT_TRUE(guest.machine.unknown() || command == std::string("guest-get-osinfo")) << command;
      for (const Finding& finding : validate(host_with_guest(), "vm", guest))
        EXPECT_NE(finding.verdict, Verdict::Fail) << finding.message;
    }
  }
  const std::string listing = listing_of_guest();
  for (const std::string& text :
       {std::string(), std::string("gpupass host 1\n"), listing.substr(0, listing.size() - 7),
        listing + listing, std::string(1 << 19, '\0'),
        "gpupass host 1\n[/sys]\n" + std::string(1 << 19, 'a')}) {
    AgentDouble system;
    system.listing.text = text;
    const GuestFacts guest = ask(system);
    EXPECT_TRUE(guest.machine.unknown()) << text.size();
    for (const Finding& finding : validate(host_with_guest(), "vm", guest))
      EXPECT_NE(finding.verdict, Verdict::Fail) << finding.message;
  }
}

/// Whoever makes many up gains nothing by it.
TEST(ProbeGuest, TooManyFunctionsAreUnknown) {
  AgentDouble system;
  system.listing.text = "gpupass host 1\n[/sys/bus/pci/devices]\n";
  for (unsigned at = 0; at < 600; ++at)
    system.listing.text +=
        PciAddress{0, static_cast<std::uint8_t>(at / 8), static_cast<std::uint8_t>(at % 8), 0}.to_string() +
        " ?\n";
  EXPECT_THAT(ask(system).machine.why(), HasSubstr("saw 600 PCI functions"));
}

/// A listing that contradicts itself is read like a damaged capture.
TEST(ProbeGuest, ACircleOfBridgesIsNoPlace) {
  AgentDouble system;
  std::string& text = system.listing.text;
  const std::string link = "0000:81:00.0 -> ../../../devices/pci0000:80/0000:80:00.0/0000:81:00.0";
  const auto at = text.find(link);
  ASSERT_NE(at, text.npos);
  text.replace(at, link.size(), "0000:81:00.0 -> ../../../devices/pci0000:80/0000:81:00.0/0000:81:00.0");
  const GuestFacts guest = ask(system);
  ASSERT_TRUE(guest.machine);
  for (const Finding& finding : validate(host_with_guest(), "vm", guest))
    if (finding.id == "guest.gpu" && finding.subject == kGpu0.to_string())
      EXPECT_EQ(finding.verdict, Verdict::Pass) << finding.message;  // One of the model is left.
}

}  // namespace
}  // namespace gpupass::guest_test
