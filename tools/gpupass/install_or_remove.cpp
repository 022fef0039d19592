// SPDX-License-Identifier: GPL-2.0-or-later
#include "install_or_remove.hpp"

#include <fmt/format.h>

#include <utility>

#include "carry_out.hpp"
#include "gpupass/error.hpp"
#include "help.hpp"
#include "machine.hpp"

namespace gpupass {

int install_or_remove(const Invocation& invocation, Verb verb, const PlanOfHost& install,
                      const PlanOfHost& remove) {
  expect_arguments(invocation, 1, 1);
  const std::string& what = invocation.arguments.front();
  if (what != "install" && what != "remove")
    throw Error(ErrorCode::Usage, what,
                fmt::format("cannot run {} {}: expected install or remove", invocation.verb->name, what),
                usage_line(*invocation.verb));
  const PlanOfHost& wanted = what == "install" ? install : remove;
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    Host host = look(now, *system, needs(verb));
    Plan plan = wanted(host);
    return {std::move(host), std::move(plan)};
  });
}

}  // namespace gpupass
