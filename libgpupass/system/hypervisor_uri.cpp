// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <cstdlib>

#include "gpupass/domain.hpp"
#include "gpupass/error.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

std::string named_hypervisor(const SystemOptions& options) {
  std::string uri = options.libvirt_uri;
  if (const char* from_environment = std::getenv("LIBVIRT_DEFAULT_URI"); uri.empty() && from_environment)
    uri = from_environment;
  if (runs_program(uri))
    throw Error(
        ErrorCode::Usage, uri,
        fmt::format("cannot use the URI {}: saw the parameter \"command\", by which libvirt runs a program",
                    uri),
        "leave it out");
  return uri;
}

}  // namespace gpupass
