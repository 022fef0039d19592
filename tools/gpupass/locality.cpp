// SPDX-License-Identifier: GPL-2.0-or-later
#include "locality.hpp"

#include <fmt/format.h>

#include "gpupass/domain.hpp"
#include "gpupass/error.hpp"

namespace gpupass {

void expect_this_machine(const Invocation& invocation) {
  const std::string_view verb = invocation.verb->name;
  if (invocation.root_given && !invocation.dry_run)
    throw Error(
        ErrorCode::Usage, invocation.system.root,
        fmt::format("cannot {}: saw --root {}, expected the running machine", verb, invocation.system.root),
        "add --dry-run to see the plan");
  if (const std::string uri = named_hypervisor(invocation.system); is_remote_uri(uri))
    throw Error(ErrorCode::Usage, uri,
                fmt::format("cannot {}: saw the remote URI {}, expected this machine's libvirt", verb, uri),
                "run gpupass on that machine");
}

}  // namespace gpupass
