// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <utility>

#include "codec/agent/agent_reply.hpp"
#include "codec/agent/nvidia.hpp"
#include "gpupass/error.hpp"
#include "gpupass/probe.hpp"
#include "probe/folder.hpp"
#include "probe/guest/agent.hpp"
#include "probe/guest/scripts.hpp"
#include "system/capture/format.hpp"
#include "system/capture/recorded_system.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

namespace {

constexpr std::chrono::minutes kMeasuring{10};
constexpr std::size_t kMostFunctions = 512;  // A guest has one for each port and device, and some of its own.
constexpr std::size_t kMostErrors = 20, kLongestLine = 200, kLongestName = 80;

/// What `read` makes of a text, which it may find malformed.
template <typename Read>
auto understood(const Fact<std::string>& text, const Read& read) -> Fact<decltype(read(*text))> {
  using Value = decltype(read(*text));
  if (!text) return text.without_value<Value>();
  try {
    return read(*text);
  } catch (const Error& error) {
    return Unknown{error.what()};
  }
}

/// The guest is a Linux machine like any other: its listing is read as a capture is.
Host machine_in(const std::string& listing) {
  const std::string what = "what the guest lists";
  Recording recording = parse_capture(listing, what);
  const auto names = recording.list(kSysfsDevices);
  if (!names)
    throw Error(ErrorCode::Malformed, what, fmt::format("cannot read {}: saw no PCI functions", what));
  if (names->size() > kMostFunctions)
    throw Error(ErrorCode::Malformed, what,
                fmt::format("cannot read {}: saw {} PCI functions, expected at most {}", what, names->size(),
                            kMostFunctions));
  const RecordedSystem machine(std::move(recording));
  Host seen = probe(machine, {.parts = {.all_functions = true, .links = true, .health = true}, .named = {}});
  Host guest;  // What it does not list is not asked.
  guest.functions = std::move(seen.functions);
  guest.only_node = std::move(seen.only_node);
  guest.numa_nodes = std::move(seen.numa_nodes);
  return guest;
}

std::vector<std::string> lines_in(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string_view line : lines_of(text))
    if (!line.empty() && lines.size() < kMostErrors) lines.emplace_back(line.substr(0, kLongestLine));
  return lines;
}

std::string name_of(const AgentSystem& system) {
  return (system.pretty_name.empty() ? system.name : system.pretty_name).substr(0, kLongestName);
}

void make_unknown(GuestFacts& guest, const std::string& why) {
  guest.machine = Unknown{why};
  guest.nvidia_gpus = Unknown{why};
  guest.errors = Unknown{why};
}

Fact<std::vector<Bandwidth>> measure(const GuestAgent& agent, const GuestFacts& guest) {
  if (!guest.nvidia_gpus) return guest.nvidia_gpus.without_value<std::vector<Bandwidth>>();
  return understood(agent.run(kMeasureBandwidth, kMeasuring), [&](const std::string& text) {
    return bandwidths_of(*guest.nvidia_gpus, measured_bandwidths(text));
  });
}

void read_by_programs(const GuestAgent& agent, const GuestOptions& options, GuestFacts& guest) {
  guest.machine = understood(agent.run(kListMachine, options.patience), machine_in);
  guest.nvidia_gpus = understood(agent.run(kListNvidiaGpus, options.patience), nvidia_gpus);
  guest.errors = understood(agent.run(kListErrors, options.patience), lines_in);
  if (options.bandwidth == Measure::Yes) guest.bandwidths = measure(agent, guest);
}

}  // namespace

GuestFacts probe_guest(const System& system, const std::string& domain, const GuestOptions& options) {
  const GuestAgent agent(system, domain);
  GuestFacts guest;
  guest.runs_programs = understood(agent.ask(agent_command("guest-info")), [](const std::string& reply) {
    const AgentAbilities abilities = agent_abilities(reply);
    return can(abilities, "guest-exec") && can(abilities, "guest-exec-status");
  });
  if (!guest.runs_programs) {
    guest.system = guest.runs_programs.without_value<std::string>();
    make_unknown(guest, guest.runs_programs.why());
    if (options.bandwidth == Measure::Yes) guest.bandwidths = Unknown{guest.runs_programs.why()};
    return guest;
  }
  const auto described = understood(agent.ask(agent_command("guest-get-osinfo")), agent_system);
  guest.system = described ? Fact<std::string>(name_of(*described)) : described.without_value<std::string>();
  std::string why;
  if (!*guest.runs_programs)
    why = "its agent may not run programs (guest-exec)";
  else if (described && described->id == "mswindows")
    why = "it runs Windows, and gpupass knows the files of Linux alone";
  if (why.empty()) {
    read_by_programs(agent, options, guest);
  } else {
    make_unknown(guest, why);
    if (options.bandwidth == Measure::Yes) guest.bandwidths = Unknown{why};
  }
  return guest;
}

}  // namespace gpupass
