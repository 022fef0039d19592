// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/guest.hpp"
#include "guest/check/definition.hpp"

namespace gpupass {

std::vector<Finding> check_domain(const Host& host, const std::string& xml) {
  return check_definition(host, xml);
}

}  // namespace gpupass
