// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/report.hpp"

namespace gpupass {

/// What became of a step and of its undo, as text and JSON say it: "done", "failed: ...", "undone".
std::string words_for(const StepResult& step);
/// One sentence for the user: what it means and what comes next.
std::string_view words_for(Outcome outcome);

}  // namespace gpupass
