// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "exit_status.hpp"
#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/names.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "result_file.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

Selection chosen(const Invocation& invocation, const Host& host) {
  if (!invocation.arguments.empty()) return chosen_gpus(invocation, host, invocation.arguments);
  Selection selection = invocation.has("domain") ? Selection() : gpus_to_check(host);
  tell_passed_over(invocation, selection);
  return selection;
}

void add_domain(const Invocation& invocation, System& system, const Host& host,
                std::vector<Finding>& findings) {
  const auto& name = invocation.options["domain"].as<std::string>();
  const DomainXml domain = present_domain(invocation, system, name);
  const std::vector<Finding> found =
      check_domain(host, domain.persistent ? domain.persistent_xml : domain.live_xml);
  findings.insert(findings.end(), found.begin(), found.end());
  if (found.empty())
    findings.push_back(
        {"domain.sound", Verdict::Pass, name, "the definition of " + name + " fits this host", ""});
}

/// @throws Error Usage for an id that no finding has.
int explain(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  const auto& id = invocation.options["explain"].as<std::string>();
  const std::string text = render_explanation(id, view_on(STDOUT_FILENO, invocation));
  if (text.empty()) {
    std::vector<std::string> ids;
    for (const FindingId& known : finding_ids()) ids.push_back(known.id);
    const std::string meant = nearest(id, ids);
    throw Error(ErrorCode::Usage, id, fmt::format("cannot explain '{}': no finding has this id", id),
                meant.empty() ? "man gpupass-findings lists them" : fmt::format("did you mean {}?", meant));
  }
  print(text);
  return kDone;
}

/// The baseline is a capture of this host, or its tree.
void add_drift(const Invocation& invocation, const Host& host, const Parts& parts,
               std::vector<Finding>& findings) {
  SystemOptions options;
  options.root = invocation.options["baseline"].as<std::string>();
  const Host baseline = probe(*open_system(options), {.parts = parts, .named = {}});
  std::ranges::move(check_drift(host, baseline), std::back_inserter(findings));
}

/// The file for a page of HTML; empty: none is asked for.
std::string page_file(const Invocation& invocation) {
  if (!invocation.has("html")) return {};
  auto file = invocation.options["html"].as<std::string>();
  if (invocation.json && file == "-")
    throw Error(ErrorCode::Usage, "--html", "cannot print both JSON and a page",
                "--html FILE writes the page to a file");
  expect_result_file(invocation, file);
  return file;
}

std::string text_answer(const Host& host, const std::vector<Finding>& findings, const Readiness& ready,
                        const View& view) {
  return render_check(host, findings, pci_names(), view) + render_readiness(ready, view);
}

int run_check(const Invocation& invocation) {
  if (invocation.has("explain")) return explain(invocation);
  expect_arguments(invocation, 0, kAnyNumber);
  const std::string page = page_file(invocation);
  const auto system = open_machine(invocation);
  Parts parts = needs(Verb::Check);
  if (invocation.has("domain")) parts = parts | needs(Verb::CheckDomain);
  if (!page.empty()) parts = parts | needs(Verb::Topology);
  const Host host = look(invocation, *system, parts, invocation.arguments);
  const Selection selection = chosen(invocation, host);
  std::vector<Finding> findings = check(host, selection.gpus);
  if (invocation.has("domain")) add_domain(invocation, *system, host, findings);
  if (invocation.has("baseline")) add_drift(invocation, host, parts, findings);
  const Readiness ready = readiness(selection.gpus, findings);
  if (!page.empty())
    write_result(invocation, page, render_check_html(host, findings, ready, picture_of(host), pci_names()));
  if (page != "-")
    print(invocation.json ? render_check_json(host, findings, selection.passed_over)
                          : text_answer(host, findings, ready, view_on(STDOUT_FILENO, invocation)));
  if (std::ranges::find(findings, Verdict::Unknown, &Finding::verdict) != findings.end())
    tell_limits(invocation, host);
  const bool fails = std::ranges::find(findings, Verdict::Fail, &Finding::verdict) != findings.end();
  return fails ? kRefused : kDone;
}

void describe_check(po::options_description& options) {
  const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
  options.add_options()("domain", text("DOMAIN"), "also whether this guest's definition fits the host")(
      "baseline", text("FILE"), "also what is not as in this capture of the host")(
      "html", text("FILE"), "also a page to be mailed; - is stdout, and no text")(
      "explain", text("ID"), "print what a finding means, why it matters and what to do");
}

}  // namespace

const Command check_verb = {
    .name = "check",
    .arguments = "[GPU...]",
    .summary = "Check whether GPUs can be given away and taken back, and say what to do",
    .example = "check 65:00.0",
    .describe = describe_check,
    .later = {},
    .run = run_check,
};

}  // namespace gpupass
