// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/fact.hpp"
#include "gpupass/host.hpp"
#include "gpupass/render.hpp"
#include "values/model.hpp"

/// The words that all text results share: "-" is nothing, "?" is unknown.
namespace gpupass {

/// The characters of valid UTF-8 text.
std::size_t width_of(std::string_view text);
/// Each line of a text that is not empty, this many spaces from the left.
std::string indented(std::string_view text, std::size_t spaces, const View& view = {});
/// The text with another word for a name, wherever it stands.
std::string renamed(std::string text, std::string_view name, std::string_view word);
/// Prose in lines that fit the view; each line after the first begins this many spaces from the left.
/// @param first how much of the first line is taken.
std::string wrapped(const std::string& prose, const View& view, std::size_t indent, std::size_t first = 0);
/// The first `width` characters; "..." at the end tells that there was more.
std::string shortened(const std::string& text, std::size_t width);
/// "1 guest", "2 guests".
std::string counted(std::size_t count, std::string_view what);
/// "boot-display" of "gpu.boot-display": the id of a finding where the text is about a GPU anyway.
std::string brief_id(std::string_view id);
/// "125.8 GiB": for reading; exact sizes come from format_size().
std::string rounded_size(std::uint64_t bytes);

std::string text_of(const Fact<std::string>& fact);
std::string text_of(const Fact<int>& fact);
std::string text_of(const Fact<std::uint32_t>& fact);
std::string text_of(const Fact<std::vector<std::string>>& fact);
std::string text_of(const Fact<bool>& fact);
std::string joined(const std::vector<std::string>& texts, std::string_view separator = ", ");
std::string joined(const std::vector<PciAddress>& addresses);

}  // namespace gpupass
