// SPDX-License-Identifier: LGPL-2.1-or-later
// What a guest tells of itself: the replies of its agent, and what its programs print.
#include <fstream>
#include <sstream>

#include "codec/agent/agent_reply.hpp"
#include "codec/agent/base64.hpp"
#include "codec/agent/nvidia.hpp"
#include "fuzz.hpp"
#include "gpupass/capture.hpp"
#include "gpupass/json.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "gpupass/render.hpp"
#include "support/base64.hpp"
#include "system/read_only_system.hpp"

namespace gpupass {

namespace {

constexpr const char* kDefinition =
    R"(<domain><name>vm</name><vcpu>8</vcpu><cpu><numa><cell id='0' cpus='0-3'/>
<cell id='1' cpus='4-7'/></numa></cpu><devices><controller type='pci' index='0' model='pcie-root'/>
<controller type='pci' index='1' model='pcie-expander-bus'><target busNr='128'><node>0</node></target></controller>
<controller type='pci' index='3' model='pcie-root-port'><address type='pci' bus='1' slot='0'/></controller>
<hostdev type='pci'><source><address bus='0x31'/></source><address type='pci' bus='3' slot='0'/></hostdev>
<hostdev type='pci'><source><address bus='0x61'/></source></hostdev></devices></domain>)";

Host example() {
  std::ostringstream text;
  text << std::ifstream(GPUPASS_SOURCE_DIR "/examples/hosts/snc2-4gpu.host").rdbuf();
  Host host = probe(*open_capture(text.str(), "example.host"), {needs(Verb::Validate), {}});
  Domain domain;
  domain.name = "vm";
  domain.active = true;
  domain.live_xml = kDefinition;
  host.domains = std::vector<Domain>{domain};
  return host;
}

/// Every program in its guest prints the input; or every reply is the input.
class ForeignGuest : public ReadOnlySystem {
 public:
  enum class Tells { Replies, Prints };
  ForeignGuest(std::string_view input, Tells tells) : input_(input), tells_(tells) {}

  Fact<std::string> read(std::string_view) const override { return Absent{}; }
  Fact<std::vector<std::string>> list(std::string_view) const override { return Absent{}; }
  Fact<std::string> link(std::string_view) const override { return Absent{}; }
  Fact<std::string> read_guarded(std::string_view) const override { return Absent{}; }

 private:
  void answer(AnyExchange& exchange) const override {
    ReadOnlySystem::answer(exchange);
    auto* agent = std::get_if<Exchange<AgentQuestion>>(&exchange);
    if (!agent) return;
    const std::string& command = agent->question.command;
    const auto is = [&](const char* name) { return command.find(name) != command.npos; };
    if (tells_ == Tells::Replies)
      agent->answer = std::string(input_);
    else if (is("guest-info"))
      agent->answer = std::string(
          R"({"return":{"supported_commands":[{"name":"guest-exec","enabled":true},{"name":"guest-exec-status","enabled":true}]}})");
    else if (is("guest-exec-status"))
      agent->answer = R"({"return":{"exited":true,"exitcode":0,"out-data":")" + base64(input_) + "\"}}";
    else
      agent->answer = std::string(R"({"return":{"pid":1}})");
  }

  std::string_view input_;
  Tells tells_;
};

}  // namespace

void fuzz(std::string_view input) {
  static const Host host = example();
  expect(decode_base64(base64(input)) == input);
  attempt([&] { decode_base64(input); });
  attempt([&] { process_state(input); });
  attempt([&] { nvidia_gpus(input); });
  attempt([&] { measured_bandwidths(input); });
  std::optional<Baseline> baseline;
  attempt([&] { baseline = baseline_from_json(input); });
  if (baseline) expect(baseline_from_json(to_json(*baseline)) == *baseline);
  for (const auto tells : {ForeignGuest::Tells::Replies, ForeignGuest::Tells::Prints}) {
    const GuestFacts guest =
        probe_guest(ForeignGuest(input, tells), "vm",
                    {.bandwidth = Measure::Yes, .patience = std::chrono::milliseconds(0)});
    const std::vector<Finding> findings = validate(host, "vm", guest, baseline);
    render_validation_json(host, seen_in_guest(host, "vm", guest), findings);
    const std::string text = render_check(host, findings, {}, {});
    for (const char letter : text)
      expect(letter == '\n' || (static_cast<unsigned char>(letter) >= ' ' && letter != 0x7f));
  }
}

}  // namespace gpupass
