// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What the agent in a guest, QEMU's, is asked, and what it answers. The answers are foreign text: whoever
/// controls the guest writes them. Each reader @throws Error Malformed.
namespace gpupass {

/// A command without arguments: {"execute": "guest-info"}.
std::string agent_command(std::string_view name);
/// Starts a program, and keeps what it prints.
std::string run_command(const std::string& path, const std::vector<std::string>& arguments);
/// Asks what became of it.
std::string run_status_command(std::int64_t pid);

/// Of guest-info.
struct AgentAbility {
  std::string name;
  bool enabled = false;
};
struct AgentAbilities {
  std::vector<AgentAbility> commands;
};
AgentAbilities agent_abilities(std::string_view reply);
/// Whether it can, and may, do this.
bool can(const AgentAbilities& abilities, std::string_view command);

/// Of guest-get-osinfo. Each text may be empty.
struct AgentSystem {
  std::string id;  ///< "debian", "mswindows".
  std::string name;
  std::string pretty_name;
};
AgentSystem agent_system(std::string_view reply);

/// Of guest-exec.
std::int64_t started_process(std::string_view reply);

/// Of guest-exec-status.
struct AgentProcess {
  bool exited = false;
  int exit_code = 0;
  int signal = 0;      ///< Not 0: it ended by this one.
  std::string output;  ///< Decoded.
  bool truncated = false;
};
AgentProcess process_state(std::string_view reply);

}  // namespace gpupass
