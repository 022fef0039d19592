// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/system.hpp"

namespace gpupass {

/// The interfaces that a default route leads to, and those below them: the ports of a bridge, the members of
/// a bond. Reads: /proc/self/net/{route,ipv6_route}, /sys/class/net.
std::set<std::string> default_routes(const System& system);

/// The interfaces of the default routes in the text of /proc/net/route, or ipv6_route.
std::vector<std::string> default_routes_v4(std::string_view routes);
std::vector<std::string> default_routes_v6(std::string_view routes);

}  // namespace gpupass
