// SPDX-License-Identifier: GPL-2.0-or-later
#include "definition.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "gpupass/render.hpp"
#include "machine.hpp"
#include "options/definition_options.hpp"
#include "options/request_options.hpp"
#include "terminal.hpp"

namespace gpupass {

namespace {

/// The guest whose definition is the base; nullopt: none is.
std::optional<DomainXml> guest_to_begin_with(const Invocation& invocation, System& system,
                                             const std::optional<DomainXml>& present) {
  if (!has_base(invocation)) return present;
  if (!invocation.has("from")) return std::nullopt;
  const auto& name = invocation.options["from"].as<std::string>();
  // It is not read again, so that the text that is patched is the text that is replaced.
  return present && present->name == name ? present : present_domain(invocation, system, name);
}

void read_base(const Invocation& invocation, System& system, const std::optional<DomainXml>& present,
               GuestDefinition& definition) {
  definition.from = guest_to_begin_with(invocation, system, present);
  if (definition.from) {
    const DomainXml& domain = *definition.from;
    definition.base_name = domain.name;
    definition.base.xml = domain.persistent ? domain.persistent_xml : domain.live_xml;
    if (domain.name != invocation.arguments.front()) definition.base.use = Base::Use::Copy;
  } else if (has_base(invocation)) {
    definition.base_name = invocation.options["base"].as<std::string>();
    definition.base.xml = base_of(invocation);
  }
}

void warn_of_disks(const Invocation& invocation, const GuestDefinition& definition) {
  for (const std::string& disk : writable_disks(definition.base.xml))
    tell(invocation,
         fmt::format(
             "note: {} is also a disk of {}: two running guests would destroy it; give the new one a copy\n",
             printable(disk), definition.base_name));
}

void tell_doubts(const Invocation& invocation, std::vector<Finding> findings) {
  std::erase_if(findings, [](const Finding& finding) { return finding.verdict == Verdict::Fail; });
  tell(invocation, render_findings(findings, view_on(STDERR_FILENO)));
}

}  // namespace

GuestDefinition make_definition(const Invocation& invocation, System& system, const Request& asked,
                                const std::optional<DomainXml>& present) {
  GuestDefinition definition;
  read_base(invocation, system, present, definition);
  Request request = complete_request(asked, definition.base);
  // "auto" too is an answer, though not a size.
  if (invocation.has("hugepages")) request.page_size_bytes = asked.page_size_bytes;
  expect_sensible(request);
  warn_of(invocation, request);
  if (definition.base.use == Base::Use::Copy) warn_of_disks(invocation, definition);
  Parts parts = needs(Verb::Define);
  if (!definition.base.xml.empty()) parts = parts | needs(Verb::CheckDomain);
  definition.host = look(invocation, system, parts, names_in(request));
  definition.passed_over = settle_gpus(invocation, definition.host, request);
  definition.made = make_definition(definition.host, asked, request, definition.base);
  tell_doubts(invocation, definition.made.findings);
  expect_sound(definition.made);
  return definition;
}

}  // namespace gpupass
