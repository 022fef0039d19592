// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

/// How the text of a capture spells what is not printable ASCII: as C does.
namespace gpupass {

/// A value in one line: \\, \n, \t, and \xHH for control characters, all beyond ASCII, and a space at the
/// end.
std::string escape_value(std::string_view value);
/// A name: as a value, and without spaces or anything that begins another kind of line.
std::string escape_name(std::string_view name);

/// @returns nullopt for an escape that is none of the above, and for a raw control character.
std::optional<std::string> unescape(std::string_view text);

/// Whether it holds a byte that no text has: NUL, or 0xff, which UTF-8 never uses.
bool is_binary(std::string_view content);

}  // namespace gpupass
