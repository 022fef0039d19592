// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>

/// Single elements of XML, whatever their text looks like.
namespace gpupass {

/// What XML takes for white space.
inline constexpr std::string_view kBlank = " \t\r\n";

/// Whether there is nothing but white space.
bool blank(std::string_view text);

/// `node`, or the first element among those behind it; an empty node where there is none.
pugi::xml_node next_element(pugi::xml_node node);

/// The text of an element without children; nothing for one that has any.
std::string_view text_of(pugi::xml_node element);

/// Whether two elements are equal: names, attributes in any order, text, children in order. Comments and
/// white space between elements do not count.
bool same(pugi::xml_node left, pugi::xml_node right);

/// A node as it is printed without any space between elements.
std::string on_one_line(pugi::xml_node node);

/// "<element>", or "<element/>" where it has no content.
std::string start_tag(pugi::xml_node element);

/// An element in libvirt's own manner: single quotes, a line for each element, text beside its tags.
/// @param indent what stands in front of each line but the first.
std::string lay_out(pugi::xml_node element, const std::string& indent = "", const std::string& unit = "  ",
                    const std::string& newline = "\n");

}  // namespace gpupass
