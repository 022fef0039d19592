// SPDX-License-Identifier: GPL-2.0-or-later
#include "definition.hpp"
#include "exit_status.hpp"
#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "options/bind_options.hpp"
#include "options/definition_options.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

void expect_difference_from_something(const Invocation& invocation) {
  if (invocation.has("diff") && !has_base(invocation))
    throw Error(ErrorCode::Usage, "--diff",
                "cannot use --diff: saw no definition to compare with, expected one",
                "name it with --from DOMAIN or --base FILE");
}

/// What libvirt told has the secrets in it; a user's own file comes back as it is.
std::string shown(const Invocation& invocation, const GuestDefinition& definition) {
  if (!definition.from) return definition.made.xml;
  std::string xml = redacted(definition.made.xml);
  if (xml != definition.made.xml)
    tell(invocation, "note: secrets are shown as ****; gpupass define keeps them\n");
  return xml;
}

int run_xml(const Invocation& invocation) {
  expect_arguments(invocation, 1, 1);
  expect_difference_from_something(invocation);
  const auto system = open_machine(invocation);
  const GuestDefinition definition = make_definition(invocation, *system, definition_request_of(invocation));
  const std::string& name = definition.name();
  if (invocation.has("diff")) {
    const std::string diff =
        render_diff(definition.base_name, definition.base.xml, name, definition.made.xml);
    print(invocation.json ? render_diff_json(definition.host, diff, definition.passed_over) : diff);
  } else {
    const std::string xml = shown(invocation, definition);
    print(invocation.json ? render_domain_json(definition.host, name, xml, definition.passed_over) : xml);
  }
  tell_limits(invocation, definition.host);
  return kDone;
}

void describe_xml(po::options_description& options) {
  describe_definition_options(options);
  describe_force(options);
  options.add_options()("diff", "print what changes in that definition, as a unified diff");
}

}  // namespace

const Command xml_verb = {
    .name = "xml",
    .arguments = "NAME",
    .summary = "Print libvirt's definition of a guest with GPUs",
    .example = "xml guest1 --from guest1 --gpu 65:00.0 --diff",
    .describe = describe_xml,
    .later = {},
    .run = run_xml,
};

}  // namespace gpupass
