// SPDX-License-Identifier: GPL-2.0-or-later
#include "fleet.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "exit_status.hpp"
#include "gpupass/error.hpp"
#include "gpupass/json.hpp"
#include "gpupass/names.hpp"
#include "gpupass/parts.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "input_file.hpp"
#include "machine.hpp"
#include "nodes.hpp"
#include "terminal.hpp"

namespace gpupass {

namespace {

/// Verbs that look at a host and say what they see.
constexpr auto kReaders = std::to_array<std::pair<std::string_view, Verb>>({{"list", Verb::List},
                                                                            {"show", Verb::Show},
                                                                            {"groups", Verb::Groups},
                                                                            {"topology", Verb::Topology},
                                                                            {"slices", Verb::Slices},
                                                                            {"check", Verb::Check},
                                                                            {"place", Verb::Place}});

Verb reader(const Invocation& invocation) {
  for (const auto& [name, verb] : kReaders)
    if (invocation.verb->name == name) return verb;
  throw Error(
      ErrorCode::Usage, "--hosts",
      fmt::format("cannot {} over many hosts: list, show, groups, topology, slices, check and place can",
                  invocation.verb->name),
      "--host ssh://NODE runs any verb on one host");
}

void expect_for_many(const Invocation& invocation) {
  for (const char* one : {"domain", "baseline", "html", "svg"})
    if (invocation.has(one))
      throw Error(ErrorCode::Usage, "--hosts",
                  fmt::format("cannot use --{} with --hosts: it is about one host", one),
                  "use --host ssh://NODE");
  if (invocation.verb->name == "place" && !invocation.has("requests"))
    throw Error(ErrorCode::Usage, "--hosts", "cannot place one guest over many hosts",
                "place --requests FILE places guests over all of them");
  if (invocation.root_given || invocation.system.uri_given)
    throw Error(ErrorCode::Usage, "--hosts", "cannot use --hosts with --root or --connect");
}

/// A host that was reached, or why not.
struct Reached {
  std::string name;
  std::optional<Host> host;
  std::optional<Error> error;
};

Reached unreached(const SshNode& node, const std::string& why) {
  return {node.name, std::nullopt,
          Error(ErrorCode::Unavailable, node.name, fmt::format("cannot look at {}: {}", node.name, why),
                fmt::format("try: ssh {} gpupass --version", node.ssh.back()))};
}

Reached reached(const SshNode& node, const NodeAnswer& answer) try {
  if (!answer.failure.empty()) return unreached(node, answer.failure);
  return {node.name, host_from_json(answer.text), std::nullopt};
} catch (const Error& error) {
  return unreached(node, error.what());
}

std::vector<Reached> look_at_fleet(const Invocation& invocation) {
  const auto nodes = nodes_in(text_of_input(invocation.options["hosts"].as<std::string>(), "hosts"));
  std::vector<std::string> words = {kProbeVerb, std::string(invocation.verb->name), "--"};
  words.insert(words.end(), invocation.arguments.begin(), invocation.arguments.end());
  std::vector<NodeAnswer> answers;
  {
    ProgressLine line(invocation);
    constexpr std::chrono::seconds kNodePatience(60);
    answers =
        ask_all(nodes, words, std::max<std::chrono::milliseconds>(kNodePatience, invocation.system.deadline),
                [&](std::size_t answered) {
                  line.show(fmt::format("{} of {} hosts have answered", answered, nodes.size()));
                });
  }
  std::vector<Reached> fleet;
  for (std::size_t i = 0; i < nodes.size(); ++i) fleet.push_back(reached(nodes[i], answers[i]));
  return fleet;
}

/// The verb over one host.
int run_on(const Invocation& invocation, const Reached& one) try {
  Invocation there = invocation;
  there.hosts = {{one.name, *one.host}};
  return there.verb->run(there);
} catch (const Error& error) {
  if (invocation.json)
    print(render_error_json(error));
  else
    tell_error(error);
  return exit_status(error.code());
}

/// A document with an answer, or an error, for each host.
int print_answers(const Invocation& invocation, const std::vector<Reached>& fleet) {
  int status = kDone;
  print("{\"format\": 1, \"hosts\": [");
  for (const Reached& one : fleet) {  // No host has a name that JSON would escape.
    print(fmt::format("{}\n{{\"host\": \"{}\", \"answer\": ", &one == &fleet.front() ? "" : ",", one.name));
    if (one.host)
      status = std::max(status, run_on(invocation, one));
    else
      print(render_error_json(*one.error));
    print("}");
  }
  print("\n]}\n");
  return status;
}

/// One table for all hosts.
int list_all(const Invocation& invocation, const std::vector<Reached>& fleet) {
  std::vector<ListedHost> listed;
  for (const Reached& one : fleet)
    if (one.host) listed.push_back({one.name, *one.host, assess(*one.host)});
  if (!listed.empty()) print(render_list(listed, pci_names(), view_on(STDOUT_FILENO, invocation)));
  return kDone;
}

int print_each(const Invocation& invocation, const std::vector<Reached>& fleet) {
  int status = kDone;
  bool first = true;
  for (const Reached& one : fleet) {
    if (!one.host) continue;
    print(fmt::format("{}{}:\n", std::exchange(first, false) ? "" : "\n", one.name));
    status = std::max(status, run_on(invocation, one));
  }
  return status;
}

int place_on_all(const Invocation& invocation, const std::vector<Reached>& fleet) {
  Invocation there = invocation;
  for (const Reached& one : fleet)
    if (one.host) there.hosts.push_back({one.name, *one.host});
  return there.hosts.empty() ? int{kDone} : there.verb->run(there);
}

/// Each error once, after the answers.
int tell_unreached(const std::vector<Reached>& fleet) {
  int status = kDone;
  for (const Reached& one : fleet) {
    if (!one.error) continue;
    tell_error(*one.error);
    status = kFailed;
  }
  return status;
}

}  // namespace

int print_host(const Invocation& invocation) {
  Parts parts = needs(reader(invocation));
  if (invocation.verb->name == "list") parts = parts | kSerialNumbers;
  print(to_json(look(invocation, parts, invocation.arguments)));
  return kDone;
}

int run_on_fleet(const Invocation& invocation) {
  const Verb verb = reader(invocation);
  expect_for_many(invocation);
  const std::vector<Reached> fleet = look_at_fleet(invocation);
  int status = kDone;
  if (verb == Verb::Place)
    status = place_on_all(invocation, fleet);
  else if (invocation.json)
    status = print_answers(invocation, fleet);
  else
    status = verb == Verb::List ? list_all(invocation, fleet) : print_each(invocation, fleet);
  return std::max(status, tell_unreached(fleet));
}

void run_there(const Invocation& invocation, const std::vector<std::string>& words) {
  if (invocation.root_given || invocation.has("hosts"))
    throw Error(ErrorCode::Usage, "--host", "cannot use --host with --root or --hosts");
  std::vector<std::string> rest;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (*word == "--host")
      ++word;
    else if (!word->starts_with("--host="))
      rest.push_back(*word);
  }
  const bool asks = invocation.verb->effect != Effect::Reads && !invocation.dry_run && would_ask(invocation);
  become(ssh_command(node_named(invocation.options["host"].as<std::string>()), rest, asks));
}

}  // namespace gpupass
