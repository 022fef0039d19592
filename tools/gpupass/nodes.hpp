// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

/// Other hosts, which the user's own ssh reaches. Each has gpupass installed.
namespace gpupass {

struct SshNode {
  std::string name;              ///< As the user wrote it.
  std::vector<std::string> ssh;  ///< What ssh is told, to reach it.
};

/// "ssh://[USER@]HOST[:PORT]" or "[USER@]HOST". @throws Error Usage.
SshNode node_named(const std::string& text);

/// One a line; what follows a # is a comment. @throws Error as node_named(); Usage for a file without any,
/// and for one that is there twice.
std::vector<SshNode> nodes_in(const std::string& text);

/// The command line with which ssh runs gpupass on a node.
/// @param terminal whether it gets a terminal, to ask questions.
std::vector<std::string> ssh_command(const SshNode& node, const std::vector<std::string>& words,
                                     bool terminal);

/// What a node answered.
struct NodeAnswer {
  std::string text;
  std::string failure;  ///< Why there is none; empty: there is one.
};

/// Runs gpupass on all nodes, many at the same time. A node that is silent for too long has failed.
/// @param told called when one more of them has answered.
/// @returns one answer for each node, in their order.
std::vector<NodeAnswer> ask_all(const std::vector<SshNode>& nodes, const std::vector<std::string>& words,
                                std::chrono::milliseconds patience,
                                const std::function<void(std::size_t answered)>& told);

/// Turns this process into ssh, which runs the command there. @throws Error Unavailable: there is no ssh.
[[noreturn]] void become(const std::vector<std::string>& command);

}  // namespace gpupass
