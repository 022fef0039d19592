// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/agent/agent_reply.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/agent/base64.hpp"
#include "codec/document.hpp"
#include "gpupass/services.hpp"

namespace gpupass {

void fields(auto& visit, Is<AgentAbility> auto& ability) {
  visit("name", ability.name);
  visit("enabled", ability.enabled);
}

void fields(auto& visit, Is<AgentAbilities> auto& abilities) {
  visit("supported_commands", abilities.commands);
}

void fields(auto& visit, Is<AgentSystem> auto& system) {
  visit("id", system.id, kAddedLater);
  visit("name", system.name, kAddedLater);
  visit("pretty-name", system.pretty_name, kAddedLater);
}

void fields(auto& visit, Is<AgentProcess> auto& process) {
  visit("exited", process.exited);
  visit("exitcode", process.exit_code, kAddedLater);
  visit("signal", process.signal, kAddedLater);
  visit("out-data", process.output, kAddedLater);
  visit("out-truncated", process.truncated, kAddedLater);
}

namespace {

using nlohmann::json;

const JsonPlace& place_of_reply() {
  static const JsonPlace place("the reply of the guest's agent");
  return place;
}

/// {"return": value}.
template <typename T>
T returned(std::string_view reply) {
  const JsonPlace& place = place_of_reply();
  if (reply.size() > kLargestAgentReply)
    place.malformed(std::string_view(fmt::format("{} bytes", reply.size())),
                    fmt::format("at most {}", kLargestAgentReply));
  const auto document = json_in(reply, place);
  if (!document || !document->is_object() || !document->contains("return"))
    place.malformed(std::string_view("something else"), "an object with \"return\"");
  T value{};
  read_value((*document)["return"], place["return"], value);
  return value;
}

struct StartedProcess {
  std::int64_t pid = 0;
};

void fields(auto& visit, Is<StartedProcess> auto& process) {
  visit("pid", process.pid);
}

std::string text_of(const json& command) {
  return command.dump(-1, ' ', true, json::error_handler_t::replace);
}

}  // namespace

std::string agent_command(std::string_view name) {
  return text_of({{"execute", name}});
}

std::string run_command(const std::string& path, const std::vector<std::string>& arguments) {
  return text_of({{"execute", "guest-exec"},
                  {"arguments", {{"path", path}, {"arg", arguments}, {"capture-output", true}}}});
}

std::string run_status_command(std::int64_t pid) {
  return text_of({{"execute", "guest-exec-status"}, {"arguments", {{"pid", pid}}}});
}

AgentAbilities agent_abilities(std::string_view reply) {
  return returned<AgentAbilities>(reply);
}

bool can(const AgentAbilities& abilities, std::string_view command) {
  return std::ranges::any_of(abilities.commands,
                             [&](const AgentAbility& one) { return one.name == command && one.enabled; });
}

AgentSystem agent_system(std::string_view reply) {
  return returned<AgentSystem>(reply);
}

std::int64_t started_process(std::string_view reply) {
  return returned<StartedProcess>(reply).pid;
}

AgentProcess process_state(std::string_view reply) {
  auto process = returned<AgentProcess>(reply);
  auto output = decode_base64(process.output);
  if (!output) place_of_reply()["return"]["out-data"].malformed(std::string_view("something else"), "base64");
  process.output = *std::move(output);
  return process;
}

}  // namespace gpupass
