// SPDX-License-Identifier: GPL-2.0-or-later
#include "definition_options.hpp"
#include "exit_status.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "request_options.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run(const Invocation& invocation) {
  expect_arguments(invocation, 1, 1);
  const std::string base = base_of(invocation);
  const Request request = complete_request(definition_request_of(invocation), base);
  expect_sensible(request);
  warn_of(invocation, request);
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, parts_for_placement(), names_in(request));
  const std::string xml = render_domain(host, request, place(host, request), base);
  print(invocation.json ? render_domain_json(request.name, xml) : xml);
  return kDone;
}

}  // namespace

const Verb xml_verb = {
    .name = "xml",
    .arguments = "NAME",
    .summary = "Print libvirt's definition of a guest with GPUs",
    .describe = describe_definition_options,
    .later = {"from", "diff"},
    .run = run,
};

}  // namespace gpupass
