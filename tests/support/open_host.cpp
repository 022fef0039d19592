// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/open_host.hpp"

namespace gpupass {

std::unique_ptr<System> open_host(const std::string& root) {
  SystemOptions options;
  options.root = root;
  options.deadline = std::chrono::minutes(10);
  return open_system(options);
}

}  // namespace gpupass
