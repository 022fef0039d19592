// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <pugixml.hpp>

namespace gpupass {

/// The element below `parent` after which libvirt would write one named `name`; empty: it would come first.
pugi::xml_node predecessor(pugi::xml_node parent, const char* name);

}  // namespace gpupass
