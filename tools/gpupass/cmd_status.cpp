// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "exit_status.hpp"
#include "gpupass/error.hpp"
#include "gpupass/journal.hpp"
#include "gpupass/names.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

constexpr unsigned kSecondsBetweenLooks = 2;
constexpr auto kClearScreen = "\033[H\033[2J";

/// Only root can read the journal; the screen is useful without it.
Fact<std::vector<Operation>> interrupted(const Invocation& invocation, const System& system) {
  if (invocation.root_given) return Absent{};
  try {
    return interrupted_operations(system);
  } catch (const Error& error) {
    return Unknown{error.what()};
  }
}

void show_status(const Invocation& invocation, const std::string& before) {
  const auto system = open_machine(invocation);
  Host host = look(invocation, *system, needs(Verb::Status));
  const Fact<std::vector<Operation>> operations = interrupted(invocation, *system);
  if (operations.unknown()) host.limits.push_back({"interrupted operations", operations.why()});
  const Overview now = overview(host, operations);
  print(before + (invocation.json
                      ? render_status_json(host, now, pci_names())
                      : render_status(host, now, pci_names(), view_on(STDOUT_FILENO, invocation))));
  tell_limits(invocation, host);
}

int run_status(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  const bool watch = invocation.has("watch");
  const std::string before = watch && isatty(STDOUT_FILENO) ? kClearScreen : "";
  show_status(invocation, before);
  while (watch) {
    sleep(kSecondsBetweenLooks);
    show_status(invocation, before);
  }
  return kDone;
}

void describe_status(po::options_description& options) {
  options.add_options()("watch", "look again every two seconds, until Ctrl-C");
}

}  // namespace

const Command status_verb = {
    .name = "status",
    .arguments = "",
    .summary = "Show on one screen whether this host is ready, each GPU, and what needs you",
    .example = "status",
    .describe = describe_status,
    .later = {},
    .run = run_status,
};

}  // namespace gpupass
