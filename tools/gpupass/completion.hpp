// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

/// What the completions for bash, zsh and fish ask: `gpupass __complete WORD...`. Verbs and options come from
/// the same tables as the help, so a shell's own script knows none of them.
namespace gpupass {

inline constexpr const char* kCompleteVerb = "__complete";

/// What may stand in the place of the last of these words, as the user typed them: a line "files" where it is
/// the name of a file; else a line "words", and one candidate a line, with a tab and its meaning behind it.
/// The shell picks those that begin as the last word does, and quotes them.
std::string completions(const std::vector<std::string>& words);

}  // namespace gpupass
