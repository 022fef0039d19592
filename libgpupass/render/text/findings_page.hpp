// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace gpupass {

/// man/gpupass-findings.7, as the build found it: the one text about findings.
extern const std::string_view kFindingsPage;

}  // namespace gpupass
