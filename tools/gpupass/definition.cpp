// SPDX-License-Identifier: GPL-2.0-or-later
#include "definition.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "options/definition_options.hpp"
#include "options/request_options.hpp"
#include "terminal.hpp"

namespace gpupass {

namespace {

void read_base(const Invocation& invocation, System& system, Definition& definition) {
  if (!has_base(invocation)) return;
  definition.base_name = invocation.options[invocation.has("from") ? "from" : "base"].as<std::string>();
  definition.base = base_of(invocation);
  if (!invocation.has("from")) return;
  definition.from = present_domain(invocation, system, definition.base_name);
  const DomainXml& domain = *definition.from;
  definition.base = domain.persistent ? domain.persistent_xml : domain.live_xml;
}

/// A definition for another guest than the one it is from.
bool is_copy(const Definition& definition, const std::string& name) {
  return definition.from && definition.from->name != name;
}

/// The GPUs of the base; a copy has as many, of gpupass's choice: the others stay with the guest that it is
/// from.
Request with_gpus(Request request, const Definition& definition) {
  const Request kept = keep_gpus(request, definition.host, definition.base);
  if (!is_copy(definition, request.name) || request == kept) return kept;
  request.gpu_count = static_cast<unsigned>(kept.gpus.size());
  return request;
}

void warn_of_disks(const Invocation& invocation, const Definition& definition) {
  for (const std::string& disk : writable_disks(definition.base))
    tell(invocation,
         fmt::format("note: {} is written to by {} as well: two guests that run destroy it; give the new "
                     "one a copy\n",
                     printable(disk), definition.base_name));
}

/// What is given away in the base stays so: a device that is not there now keeps the guest from starting, not
/// the definition from being patched.
void excuse_what_was_missing(const std::vector<Finding>& before, std::vector<Finding>& findings) {
  for (Finding& finding : findings)
    if (finding.id == "domain.device-missing" && std::ranges::find(before, finding) != before.end())
      finding.verdict = Verdict::Warn;
}

/// What is kept of the base is what the base means, or nothing. What the user names is meant, whatever the
/// base says; a copy keeps no device.
void doubt_what_is_kept(const Definition& definition, const Request& asked,
                        const std::vector<Finding>& before, std::vector<Finding>& findings) {
  if (is_copy(definition, asked.name)) return;
  const bool keeps_gpus = asked.gpus.empty() && !asked.gpu_count;
  const std::vector<std::string> devices = complete_request({}, definition.base).devices;
  const auto is_kept = [&](const std::string& address) {
    return std::ranges::find(devices, address) == devices.end() ? keeps_gpus : asked.devices.empty();
  };
  for (const Finding& finding : before)
    if (finding.id == "device.identity" && is_kept(finding.subject)) findings.push_back(finding);
}

void expect_sound(const Invocation& invocation, const Definition& definition, const Request& asked) {
  std::vector<Finding> findings = check_domain(definition.host, definition.xml);
  if (!definition.base.empty()) {
    const std::vector<Finding> before = check_domain(definition.host, definition.base);
    excuse_what_was_missing(before, findings);
    doubt_what_is_kept(definition, asked, before, findings);
  }
  const auto rest = std::ranges::stable_partition(findings, [](const Finding& finding) {
                      return finding.verdict == Verdict::Fail;
                    }).begin();
  tell(invocation, render_findings({rest, findings.end()}));
  if (rest == findings.begin()) return;
  std::string messages, remedies;
  for (auto finding = findings.begin(); finding != rest; ++finding) {
    messages += fmt::format("{}{} [{}]", messages.empty() ? "" : "; ", finding->message, finding->id);
    if (remedies.find(finding->remedy) == remedies.npos)
      remedies += (remedies.empty() ? "" : "; ") + finding->remedy;
  }
  throw Error(ErrorCode::Refused, definition.request.name,
              fmt::format("cannot write the definition of {}: {}", definition.request.name, messages),
              remedies);
}

}  // namespace

Definition make_definition(const Invocation& invocation, System& system) {
  Definition definition;
  const Request asked = definition_request_of(invocation);
  read_base(invocation, system, definition);
  const bool copy = is_copy(definition, asked.name);
  const std::string kept = copy ? without_identity(definition.base) : definition.base;
  definition.request = complete_request(asked, kept);
  // "auto" too is an answer, though not a size.
  if (invocation.has("hugepages")) definition.request.page_size_bytes = asked.page_size_bytes;
  expect_sensible(definition.request);
  warn_of(invocation, definition.request);
  if (copy) warn_of_disks(invocation, definition);
  Parts parts = parts_for_placement();
  parts.all_functions = !definition.base.empty();  // A network card that it means may be anywhere by now.
  definition.host = look(invocation, system, parts, names_in(definition.request));
  definition.request = with_gpus(definition.request, definition);
  definition.placement = place(definition.host, definition.request);
  definition.xml = render_domain(definition.host, definition.request, definition.placement, kept);
  expect_sound(invocation, definition, asked);
  return definition;
}

}  // namespace gpupass
