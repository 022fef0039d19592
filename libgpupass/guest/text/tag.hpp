// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// The start tag of an element as text: "<cpu  mode='x' />". All of them are well-formed.
namespace gpupass {

/// The position behind the tag that begins at `at`.
std::size_t end_of_start_tag(std::string_view text, std::size_t at);
/// Whether a tag is an element of its own, without content and without an end tag.
bool is_whole_element(std::string_view tag);
/// Makes "<element />" the start tag of an element that has content.
void make_start_tag(std::string& tag);

/// Gives an attribute this value, in its own quotes; a new one comes last.
void set_in_tag(std::string& tag, std::string_view name, std::string_view value);
/// Removes an attribute and the white space in front of it.
void remove_from_tag(std::string& tag, std::string_view name);

}  // namespace gpupass
