// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/plan.hpp"
#include "gpupass/report.hpp"

namespace gpupass {

/// "set the driver of 0000:65:00.0 to nvidia": the state that a change sets.
std::string words_for(const Change& change);
/// One sentence for the user: what it means and what comes next.
std::string_view words_for(Outcome outcome);

}  // namespace gpupass
