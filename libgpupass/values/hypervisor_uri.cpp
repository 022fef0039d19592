// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "gpupass/domain.hpp"

namespace gpupass {

bool is_remote_uri(std::string_view uri) {
  const auto scheme = uri.find("://");
  if (scheme == uri.npos) return !uri.empty();  // An alias of libvirt.conf may stand for any host.
  std::string_view host = uri.substr(scheme + 3);
  host = host.substr(0, std::min(host.find_first_of("/?#"), host.size()));
  if (const auto user = host.rfind('@'); user != host.npos) host.remove_prefix(user + 1);
  return !host.empty();
}

bool is_in_process_uri(std::string_view uri) {
  return uri.starts_with("test:") || uri.starts_with("qemu:///embed");
}

}  // namespace gpupass
