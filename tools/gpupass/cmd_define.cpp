// SPDX-License-Identifier: GPL-2.0-or-later
#include "carry_out.hpp"
#include "definition.hpp"
#include "gpupass/policy.hpp"
#include "locality.hpp"
#include "machine.hpp"
#include "options/bind_options.hpp"
#include "options/definition_options.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

/// Starting binds devices of this machine; a definition alone may go to another libvirt, and a captured
/// machine's to one that lives inside our own process.
void expect_possible(const Invocation& invocation) {
  const bool in_process = is_in_process_uri(named_hypervisor(invocation.system));
  if (invocation.has("start") || (invocation.root_given && !in_process)) expect_this_machine(invocation);
}

/// The present domain. If it is also the base, it is not read again, so the text that was patched is the text
/// that is replaced.
std::optional<DomainXml> replaced_domain(const Invocation& invocation, System& system,
                                         const GuestDefinition& definition) {
  const std::string& name = definition.name();
  if (definition.from && definition.from->name == name) return definition.from;
  return existing_domain(invocation, system, name);
}

int run_define(const Invocation& invocation) {
  expect_arguments(invocation, 1, 1);
  expect_possible(invocation);
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    const GuestDefinition definition = make_definition(now, *system);
    const std::optional<DomainXml> existing = replaced_domain(now, *system, definition);
    const Start start = now.has("start") ? Start::Yes : Start::No;
    return {definition.host,
            plan_define(definition.host, {definition.name(), definition.made.xml, definition.made.placement,
                                          existing, start, bind_options(now)})};
  });
}

void describe_define(po::options_description& options) {
  options.add_options()("start", "bind the GPUs and start the guest");
  describe_bind_options(options);
  describe_definition_options(options);
}

}  // namespace

const Command define_verb = {
    .name = "define",
    .arguments = "NAME",
    .summary = "Define a guest with GPUs in libvirt, and start it if asked to",
    .example = "define guest1 --gpu 65:00.0 --vcpus 8 --memory 32G",
    .effect = Effect::ChangesGuests,
    .describe = describe_define,
    .later = {},
    .run = run_define,
};

}  // namespace gpupass
