// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/switch_port.hpp"

#include "values/card.hpp"

namespace gpupass {

bool is_upstream_port(const Host& host, const PciFunction& bridge) {
  if (!bridge.class_code || !is_bridge_class(*bridge.class_code) || bridge.link.absent()) return false;
  if (bridge.config && bridge.config->express) return *bridge.config->express == ExpressType::UpstreamPort;
  return path_to_root(host, bridge).size() % 2 == 1;
}

}  // namespace gpupass
