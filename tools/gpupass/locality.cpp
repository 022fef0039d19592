// SPDX-License-Identifier: GPL-2.0-or-later
#include "locality.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"

namespace gpupass {

bool is_remote(const std::string& uri) {
  const auto scheme = uri.find("://");
  if (scheme == std::string::npos) return !uri.empty();  // An alias of libvirt.conf may stand for any host.
  std::string host = uri.substr(scheme + 3);
  host.erase(std::min(host.find_first_of("/?#"), host.size()));
  if (const auto user = host.rfind('@'); user != std::string::npos) host.erase(0, user + 1);
  return !host.empty();
}

void expect_this_machine(const Invocation& invocation) {
  const std::string_view verb = invocation.verb->name;
  if (invocation.root_given && !invocation.dry_run)
    throw Error(
        ErrorCode::Usage, invocation.system.root,
        fmt::format("cannot {}: saw --root {}, expected the running machine", verb, invocation.system.root),
        "add --dry-run to see the plan");
  if (const std::string uri = named_hypervisor(invocation.system); is_remote(uri))
    throw Error(ErrorCode::Usage, uri,
                fmt::format("cannot {}: saw the remote URI {}, expected this machine's libvirt", verb, uri),
                "run gpupass on that machine");
}

}  // namespace gpupass
