// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gpupass {

/// The bytes that a text of base64 (RFC 4648, with its padding) stands for. @returns nullopt for any other
/// text, one with line breaks too.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace gpupass
