// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "exit_status.hpp"
#include "gpupass/error.hpp"
#include "gpupass/json.hpp"
#include "gpupass/names.hpp"
#include "gpupass/render.hpp"
#include "input_file.hpp"
#include "machine.hpp"
#include "options/bind_options.hpp"
#include "options/number_option.hpp"
#include "options/request_options.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

/// Probes each machine, with the same options except for the root.
std::vector<NamedHost> look_at_all(const Invocation& invocation) {
  if (!invocation.hosts.empty()) return invocation.hosts;
  std::vector<NamedHost> hosts;
  for (const std::string& root : invocation.roots) {
    Invocation one = invocation;
    one.system.root = root;
    hosts.push_back({root, look(one, needs(Verb::Place))});
  }
  return hosts;
}

/// The file has all requests; other options would contradict it.
void expect_alone(const Invocation& invocation) {
  po::options_description others;
  describe_request_options(others);
  describe_force(others);
  for (const auto& option : others.options())
    if (invocation.has(option->long_name()))
      throw Error(ErrorCode::Usage, "--" + option->long_name(),
                  fmt::format("cannot use --{} beside --requests: saw both, expected one of them",
                              option->long_name()));
}

/// The best packing that is found in time.
Packing pack_in_time(const Invocation& invocation, const std::vector<Host>& hosts,
                     const std::vector<Request>& requests) {
  using Clock = std::chrono::steady_clock;
  constexpr unsigned kSeconds = 5, kMostSeconds = 86'400;
  constexpr std::chrono::milliseconds kBetweenLines(100);
  const std::chrono::seconds patience(
      number_option(invocation, "deadline", 1, kMostSeconds).value_or(kSeconds));
  std::optional<Clock::time_point> end;  // The search begins with its first question.
  Clock::time_point next = Clock::now() + kBetweenLines;
  ProgressLine line(invocation);
  return pack(hosts, requests, [&](const PackingProgress& best) {
    const Clock::time_point now = Clock::now();
    if (!end) end = now + patience;
    if (now >= next) {
      next = now + kBetweenLines;
      line.show(fmt::format("{} of {} guests have a place, {} of at most {} GPUs", best.guests,
                            requests.size(), best.gpus, best.most_gpus));
    }
    return now < *end;
  });
}

int place_many(const Invocation& invocation) {
  expect_alone(invocation);
  const std::vector<Request> requests =
      requests_from_json(text_of_input(invocation.options["requests"].as<std::string>(), "JSON"));
  std::vector<Host> hosts;
  std::vector<std::string> names;
  for (NamedHost& one : look_at_all(invocation)) {
    names.push_back(std::move(one.name));
    hosts.push_back(std::move(one.host));
  }
  const Packing packing = pack_in_time(invocation, hosts, requests);
  print(invocation.json ? render_packing_json(names, requests, packing)
                        : render_packing(names, requests, packing));
  const auto refused = [](const Packed& one) { return !one.host; };
  return std::ranges::any_of(packing.guests, refused) ? kRefused : kDone;
}

int place_one(const Invocation& invocation) {
  if (invocation.has("deadline"))
    throw Error(ErrorCode::Usage, "--deadline",
                "cannot use --deadline without --requests: saw one guest, expected many");
  Request request = request_of(invocation);
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, needs(Verb::Place), names_in(request));
  const std::vector<Finding> passed_over = settle_gpus(invocation, host, request);
  const Placement placement = place(host, request);
  print(invocation.json ? render_placement_json(host, placement, passed_over)
                        : render_placement(host, placement, pci_names(), view_on(STDOUT_FILENO, invocation)));
  tell_limits(invocation, host);
  return kDone;
}

int run_place(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  return invocation.has("requests") ? place_many(invocation) : place_one(invocation);
}

void describe_place(po::options_description& options) {
  describe_request_options(options);
  describe_force(options);
  options.add_options()("requests", po::value<std::string>()->value_name("FILE"),
                        "many guests at once, a JSON document; several --root");
  options.add_options()("deadline", po::value<std::string>()->value_name("SECONDS"),
                        "how long to look for a better packing of many guests, 5 by default");
}

}  // namespace

const Command place_verb = {
    .name = "place",
    .arguments = "",
    .summary = "Choose GPUs, cores and memory for a guest, and say why",
    .example = "place --gpus 2 --vcpus 16 --memory 64G",
    .describe = describe_place,
    .later = {},
    .run = run_place,
};

}  // namespace gpupass
