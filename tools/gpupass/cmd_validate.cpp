// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "exit_status.hpp"
#include "gpupass/error.hpp"
#include "gpupass/json.hpp"
#include "gpupass/names.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "gpupass/render.hpp"
#include "input_file.hpp"
#include "machine.hpp"
#include "options/number_option.hpp"
#include "result_file.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

std::optional<Baseline> named_baseline(const Invocation& invocation) {
  if (!invocation.has("baseline")) return std::nullopt;
  const auto file = invocation.options["baseline"].as<std::string>();
  return baseline_from_json(text_of_input(file, "a baseline of gpupass validate --record"));
}

/// The file for a new baseline; empty: none is asked for.
std::string record_file(const Invocation& invocation) {
  if (!invocation.has("record")) return {};
  auto file = invocation.options["record"].as<std::string>();
  if (file == "-")
    throw Error(ErrorCode::Usage, "--record", "cannot record to standard output: the answer goes there",
                "--record FILE writes the baseline to a file");
  expect_result_file(invocation, file);
  return file;
}

/// @throws Error Unavailable: a baseline of nothing would be as good as any later state.
void record(const Invocation& invocation, const std::string& file, const GuestFacts& guest,
            const Baseline& seen) {
  if (!guest.machine)
    throw Error(ErrorCode::Unavailable, file,
                fmt::format("cannot record {}: {} tells nothing of itself: {}", file, seen.domain,
                            guest.machine.why()));
  write_result(invocation, file, to_json(seen));
}

GuestFacts ask_guest(const Invocation& invocation, const System& system, const std::string& domain) {
  ProgressLine progress(invocation);
  const bool measure = invocation.has("measure");
  progress.show(measure ? fmt::format("measuring in {}: this takes minutes", domain)
                        : fmt::format("asking {}", domain));
  GuestOptions options{.bandwidth = measure ? Measure::Yes : Measure::No};
  if (const auto seconds = number_option(invocation, "timeout", 1, 3600))
    options.patience = std::chrono::seconds(*seconds);
  return probe_guest(system, domain, options);
}

int run_validate(const Invocation& invocation) {
  expect_arguments(invocation, 1, 1);
  const std::string& domain = invocation.arguments.front();
  const std::string file = record_file(invocation);
  const auto baseline = named_baseline(invocation);
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, needs(Verb::Validate));
  validate(host, domain, {});  // Before the guest is asked: whether there is such a one.
  const GuestFacts guest = ask_guest(invocation, *system, domain);
  const std::vector<Finding> findings = validate(host, domain, guest, baseline);
  const Baseline seen = seen_in_guest(host, domain, guest);
  if (!file.empty()) record(invocation, file, guest, seen);
  print(invocation.json ? render_validation_json(host, seen, findings)
                        : render_check(host, findings, pci_names(), view_on(STDOUT_FILENO, invocation)));
  const bool fails = std::ranges::find(findings, Verdict::Fail, &Finding::verdict) != findings.end();
  return fails ? kRefused : kDone;
}

void describe_validate(po::options_description& options) {
  const auto file = [] { return po::value<std::string>()->value_name("FILE"); };
  options.add_options()("measure", "also the bandwidth of each GPU, by nvbandwidth, which takes minutes")(
      "record", file(), "write what the guest has to a file, as a baseline")(
      "baseline", file(), "also what is not as in this baseline")(
      "timeout", po::value<std::string>()->value_name("SECONDS"),
      "how long each program may take in the guest (60)");
}

}  // namespace

const Command validate_verb = {
    .name = "validate",
    .arguments = "DOMAIN",
    .summary = "Ask a running guest whether it has its GPUs as promised, by its guest agent",
    .example = "validate vm",
    .describe = describe_validate,
    .later = {},
    .run = run_validate,
};

}  // namespace gpupass
