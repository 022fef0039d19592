// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "invocation.hpp"

/// What a user may mistype: each error says what was probably meant.
namespace gpupass {

/// @throws Error Usage, always.
[[noreturn]] void refuse_unknown_verb(const std::string& word);
/// An option that `verb` does not have, as it was typed; without a verb, one that none has.
/// @throws Error Usage, always.
[[noreturn]] void refuse_unknown_option(const std::string& word, const Command* verb);

}  // namespace gpupass
