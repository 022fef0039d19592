// SPDX-License-Identifier: GPL-2.0-or-later
#include "definition.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "definition_options.hpp"
#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "request_options.hpp"
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

/// What the new definition keeps of the base.
std::string kept_of(const Definition& definition, const std::string& name) {
  const bool another = definition.from && definition.from->name != name;
  return another ? without_identity(definition.base) : definition.base;
}

void expect_sound(const Invocation& invocation, const Definition& definition) {
  std::vector<Finding> findings = check_domain(definition.host, definition.xml);
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
              fmt::format("cannot define {}: {}", definition.request.name, messages), remedies);
}

}  // namespace

Definition make_definition(const Invocation& invocation, System& system) {
  Definition definition;
  const Request asked = definition_request_of(invocation);
  read_base(invocation, system, definition);
  const std::string kept = kept_of(definition, asked.name);
  definition.request = complete_request(asked, kept);
  expect_sensible(definition.request);
  warn_of(invocation, definition.request);
  definition.host = look(invocation, system, parts_for_placement(), names_in(definition.request));
  definition.placement = place(definition.host, definition.request);
  definition.xml = render_domain(definition.host, definition.request, definition.placement, kept);
  expect_sound(invocation, definition);
  return definition;
}

}  // namespace gpupass
