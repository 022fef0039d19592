// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "carry_out.hpp"
#include "definition.hpp"
#include "gpupass/error.hpp"
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

/// What is the user's is never replaced unasked: a definition that does not begin with the guest's own one
/// needs --replace.
void expect_to_keep(const Invocation& invocation, const DomainXml& existing) {
  const bool begins_with_own =
      !has_base(invocation) ||
      (invocation.has("from") && invocation.options["from"].as<std::string>() == existing.name);
  if (begins_with_own) return;
  throw Error(
      ErrorCode::Refused, existing.name,
      fmt::format("cannot define {0}: there is a guest {0}, and its definition would be lost", existing.name),
      "without --base and --from, define changes the definition that the guest has; --replace puts the new "
      "one in its place");
}

int run_define(const Invocation& invocation) {
  expect_arguments(invocation, 1, 1);
  expect_possible(invocation);
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    const bool replace = now.has("replace");
    const std::optional<DomainXml> existing = existing_domain(now, *system, now.arguments.front());
    if (existing && !replace) expect_to_keep(now, *existing);
    const GuestDefinition definition =
        make_definition(now, *system, definition_request_of(now), replace ? std::nullopt : existing);
    const Start start = now.has("start") ? Start::Yes : Start::No;
    return {definition.host,
            plan_define(definition.host, {definition.name(), definition.made.xml, definition.made.placement,
                                          existing, start, bind_options(now)}),
            definition.passed_over};
  });
}

void describe_define(po::options_description& options) {
  auto add = options.add_options();
  add("start", "bind the GPUs and start the guest");
  add("replace", "put a new definition in the place of the one that the guest has");
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
