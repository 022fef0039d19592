// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/render.hpp"

/// What a word says beside its meaning, for whoever looks at a terminal.
namespace gpupass {

enum class Tone { Plain, Good, Caution, Bad, Quiet, Strong };

/// The text in the colour of its tone, if the view has colours.
std::string toned(const std::string& text, Tone tone, const View& view);

Tone tone_of(Verdict verdict);
Tone tone_of(Answer answer);
Tone tone_of(GpuState state);

}  // namespace gpupass
