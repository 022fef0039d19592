// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "carry_out.hpp"
#include "definition.hpp"
#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "machine.hpp"
#include "options/bind_options.hpp"
#include "options/definition_options.hpp"
#include "options/run_options.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

void expect_new(const std::string& name, const std::optional<DomainXml>& existing) {
  if (!existing) return;
  throw Error(
      ErrorCode::Refused, name,
      fmt::format("cannot run {0}: there is a guest {0}, and its definition would be lost", name),
      fmt::format("gpupass give {0} GPU gives it a GPU, gpupass define {0} changes its definition", name));
}

int run_run(const Invocation& invocation) {
  expect_arguments(invocation, 1, 1);
  const auto system = open_machine(invocation);
  const std::string user_data = user_data_of(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    const std::string& name = now.arguments.front();
    const std::optional<DomainXml> existing = existing_domain(now, *system, name);
    expect_new(name, existing);
    const GuestDefinition definition = make_definition(now, *system, run_request_of(now, *system));
    return {definition.host,
            plan_run(definition.host,
                     {name, definition.made.xml, definition.made.placement, std::nullopt, Start::Yes,
                      bind_options(now)},
                     user_data),
            definition.passed_over};
  });
}

void describe_run(po::options_description& options) {
  describe_run_options(options);
  describe_bind_options(options);
  describe_guest_options(options);
}

}  // namespace

const Command run_verb = {
    .name = "run",
    .arguments = "NAME",
    .summary = "Make a new guest with GPUs, and boot it",
    .example = "run guest2 --image /srv/guest2.qcow2 --gpus 1 --vcpus 8 --memory 32G",
    .effect = Effect::ChangesDevices,
    .describe = describe_run,
    .later = {},
    .run = run_run,
};

}  // namespace gpupass
