// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "connection.hpp"
#include "operations.hpp"

namespace gpupass {

Fact<std::string> answer(Connections& connections, const AskAgent& question) {
  constexpr unsigned kMostSeconds = 3600;  // libvirt takes negative numbers for words of its own.
  const DomainHandle domain = find_domain(connections.read_write(question.uri), question.name);
  const int seconds = static_cast<int>(std::min(question.seconds, kMostSeconds));
  const std::unique_ptr<char, decltype(&std::free)> reply(
      virDomainQemuAgentCommand(domain.get(), question.command.c_str(), seconds, 0U), &std::free);
  if (!reply) throw libvirt_error("ask the agent of", domain.get());
  if (const std::size_t size = std::strlen(reply.get()); size > kLargestAgentReply)
    throw Error(ErrorCode::Malformed, question.name,
                fmt::format("cannot ask the agent of {}: saw a reply of {} bytes, expected at most {}",
                            question.name, size, kLargestAgentReply));
  return std::string(reply.get());
}

}  // namespace gpupass
