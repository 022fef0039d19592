// SPDX-License-Identifier: GPL-2.0-or-later
#include "gpu_verbs.hpp"

#include <fmt/format.h>

#include <utility>

#include "carry_out.hpp"
#include "gpupass/error.hpp"
#include "machine.hpp"
#include "options/attach_options.hpp"

namespace gpupass {

int move_gpus(const Invocation& invocation, Verb verb, const PlanOfGpus& plan) {
  expect_arguments(invocation, 1, kAnyNumber);
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    Host host = look(now, *system, needs(verb), now.arguments);
    Selection selection = chosen_gpus(now, host, now.arguments);
    Plan made = plan(host, selection.gpus);
    return {std::move(host), std::move(made), std::move(selection.passed_over)};
  });
}

int move_gpus_of_guest(const Invocation& invocation, Verb verb, const PlanOfGuest& plan) {
  expect_arguments(invocation, 2, kAnyNumber);
  const AttachOptions options = attach_options(invocation);
  const std::vector<std::string> names(invocation.arguments.begin() + 1, invocation.arguments.end());
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    Host host = look(now, *system, needs(verb), names);
    const DomainXml domain = present_domain(now, *system, now.arguments.front());
    Selection selection = chosen_gpus(now, host, names);
    Plan made = plan(host, domain, {selection.gpus.begin(), selection.gpus.end()}, options);
    return {std::move(host), std::move(made), std::move(selection.passed_over)};
  });
}

PciAddress only_gpu(const Invocation& invocation, const std::vector<PciAddress>& gpus,
                    const std::string& name) {
  if (gpus.size() == 1) return gpus.front();
  throw Error(ErrorCode::Usage, name,
              fmt::format("cannot {} {}: saw a name of {} GPUs, expected one of one", invocation.verb->name,
                          name, gpus.size()),
              "name one GPU at a time");
}

}  // namespace gpupass
