// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace gpupass {

/// probe/own/models.json, as the build found it: what reports say of models of GPUs.
extern const std::string_view kKnownModels;

}  // namespace gpupass
