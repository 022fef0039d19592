// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "render/json/json.hpp"

namespace gpupass {

/// A placement as `place --json` shows it.
Json json_of(const Placement& placement);

}  // namespace gpupass
