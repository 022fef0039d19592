// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/guest.hpp"
#include "guest/check/definition.hpp"
#include "policy/asked.hpp"

namespace gpupass {

std::vector<Finding> check_domain(const Host& host, const std::string& xml) {
  expect_asked(host, {.cpus = true}, "check", "the definition");
  return check_definition(host, xml);
}

}  // namespace gpupass
