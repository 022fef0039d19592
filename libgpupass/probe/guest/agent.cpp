// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/guest/agent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "codec/agent/agent_reply.hpp"
#include "gpupass/error.hpp"
#include "probe/folder.hpp"

namespace gpupass {

namespace {

using namespace std::chrono_literals;

constexpr int kNotThere = 127;     // As a shell says it of a command.
constexpr unsigned kSeconds = 15;  // For one reply. A guest that starts, or is busy, is slow.

/// What its status says of a program that ended.
Fact<std::string> result_of(AgentProcess process) {
  if (process.truncated) return Unknown{"the guest prints more than its agent passes on"};
  if (process.signal != 0) return Unknown{fmt::format("a signal, {}, ended it in the guest", process.signal)};
  if (process.exit_code == kNotThere) return Absent{};
  if (process.exit_code != 0) {
    const std::string first = process.output.substr(0, process.output.find('\n'));
    return Unknown{fmt::format("it failed in the guest with status {}{}{}", process.exit_code,
                               first.empty() ? "" : ": ", first.empty() ? "" : shown(first))};
  }
  return std::move(process.output);
}

}  // namespace

Fact<std::string> GuestAgent::ask(const std::string& command) const {
  return system_.ask(AgentQuestion{.domain = domain_, .command = command, .seconds = kSeconds});
}

Fact<std::string> GuestAgent::run(const char* script, std::chrono::milliseconds patience) const try {
  const auto until = std::chrono::steady_clock::now() + patience;
  const auto started = ask(run_command("/bin/sh", {"-c", script}));
  if (!started) return started;
  const std::string status = run_status_command(started_process(*started));
  for (auto pause = 20ms;; pause = std::min(2 * pause, 1000ms)) {
    const auto reply = ask(status);
    if (!reply) return reply;
    if (AgentProcess process = process_state(*reply); process.exited) return result_of(std::move(process));
    if (std::chrono::steady_clock::now() >= until)
      return Unknown{fmt::format("it did not end in the guest within {} s",
                                 std::chrono::duration_cast<std::chrono::seconds>(patience).count())};
    std::this_thread::sleep_for(pause);
  }
} catch (const Error& error) {
  return Unknown{error.what()};
}

}  // namespace gpupass
