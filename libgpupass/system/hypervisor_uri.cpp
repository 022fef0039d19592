// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdlib>

#include "gpupass/system.hpp"

namespace gpupass {

std::string named_hypervisor(const SystemOptions& options) {
  if (!options.libvirt_uri.empty()) return options.libvirt_uri;
  const char* from_environment = std::getenv("LIBVIRT_DEFAULT_URI");
  return from_environment ? from_environment : "";
}

}  // namespace gpupass
