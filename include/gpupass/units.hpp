// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace gpupass {

/// Reads a memory size: "16G" and "16GiB" are GiB, "512M" MiB, "4096" bytes. Suffixes K, M, G, T.
/// @returns nullopt for anything else, also when it does not fit 64 bits.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// The shortest exact form that parse_size() reads back: "16G", "1536M", "4097".
std::string format_size(std::uint64_t bytes);

}  // namespace gpupass
#pragma GCC visibility pop
