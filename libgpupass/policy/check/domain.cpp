// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/guest.hpp"
#include "guest/check/definition.hpp"
#include "guest/check/groups.hpp"
#include "policy/asked.hpp"

namespace gpupass {

std::vector<Finding> check_domain(const Host& host, const std::string& xml) {
  expect_asked(host, {.cpus = true}, "check", "the definition");
  std::vector<Finding> findings = check_definition(host, xml);
  check_groups_of_guest(host, xml, findings);
  return findings;
}

}  // namespace gpupass
