// SPDX-License-Identifier: GPL-2.0-or-later
#include "carry_out.hpp"
#include "definition_options.hpp"
#include "gpupass/render.hpp"
#include "locality.hpp"
#include "machine.hpp"
#include "request_options.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

/// Starting binds devices of this machine; a definition alone may go to another libvirt, and a captured
/// machine's to one that lives inside our own process.
void expect_possible(const Invocation& invocation) {
  const bool in_process = is_in_process(effective_uri(invocation));
  if (invocation.has("start") || (invocation.root_given && !in_process)) expect_this_machine(invocation);
}

Plan planned(const Invocation& invocation, System& system, const Host& host, const Request& request,
             const std::string& base) {
  const Placement placement = place(host, request);
  const std::string xml = render_domain(host, request, placement, base);
  const std::optional<DomainXml> existing = domain_named(invocation, system, request.name);
  const Start start = invocation.has("start") ? Start::Yes : Start::No;
  return plan_define(host, request.name, xml, placement, existing ? &*existing : nullptr, start);
}

int run(const Invocation& invocation) {
  expect_arguments(invocation, 1, 1);
  expect_possible(invocation);
  const std::string base = base_of(invocation);
  const Request request = complete_request(definition_request_of(invocation), base);
  expect_sensible(request);
  warn_of(invocation, request);
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, parts_for_placement(), names_in(request));
  return carry_out(invocation, *system, planned(invocation, *system, host, request, base));
}

void describe(po::options_description& options) {
  options.add_options()("start", "bind the GPUs and start the guest");
  describe_definition_options(options);
}

}  // namespace

const Verb define_verb = {
    .name = "define",
    .arguments = "NAME",
    .summary = "Define a guest with GPUs in libvirt, and start it if asked to",
    .effect = Effect::ChangesGuests,
    .describe = describe,
    .later = {"from", "diff"},
    .run = run,
};

}  // namespace gpupass
