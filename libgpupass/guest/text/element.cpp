// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/text/element.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <sstream>

#include "guest/text/tag.hpp"

namespace gpupass {

bool blank(std::string_view text) {
  return text.find_first_not_of(kBlank) == text.npos;
}

pugi::xml_node next_element(pugi::xml_node node) {
  while (node && node.type() != pugi::node_element) node = node.next_sibling();
  return node;
}

std::string_view text_of(pugi::xml_node element) {
  if (next_element(element.first_child())) return {};
  const std::string_view text = element.child_value();
  const auto first = text.find_first_not_of(kBlank);
  return first == text.npos ? std::string_view()
                            : text.substr(first, text.find_last_not_of(kBlank) + 1 - first);
}

namespace {

bool same_attributes(pugi::xml_node left, pugi::xml_node right) {
  const auto count = [](pugi::xml_node node) {
    return std::distance(node.attributes_begin(), node.attributes_end());
  };
  return count(left) == count(right) &&
         std::ranges::all_of(left.attributes(), [&](pugi::xml_attribute attribute) {
           const pugi::xml_attribute other = right.attribute(attribute.name());
           return other && std::string_view(other.value()) == attribute.value();
         });
}

}  // namespace

bool same(pugi::xml_node left, pugi::xml_node right) {
  if (std::string_view(left.name()) != right.name() || !same_attributes(left, right) ||
      text_of(left) != text_of(right))
    return false;
  pugi::xml_node one = next_element(left.first_child());
  pugi::xml_node other = next_element(right.first_child());
  for (; one && other; one = next_element(one.next_sibling()), other = next_element(other.next_sibling()))
    if (!same(one, other)) return false;
  return !one && !other;
}

std::string on_one_line(pugi::xml_node node) {
  std::ostringstream out;
  node.print(out, "", pugi::format_raw | pugi::format_attribute_single_quote);
  return out.str();
}

std::string start_tag(pugi::xml_node element) {
  pugi::xml_document shell;
  pugi::xml_node copy = shell.append_child(element.name());
  for (const pugi::xml_attribute attribute : element.attributes()) copy.append_copy(attribute);
  std::string tag = on_one_line(copy);
  if (element.first_child()) make_start_tag(tag);
  return tag;
}

std::string lay_out(pugi::xml_node element, const std::string& indent, const std::string& unit,
                    const std::string& newline) {
  if (!next_element(element.first_child())) return on_one_line(element);
  const std::string inner = indent + unit;
  std::string text = start_tag(element);
  for (pugi::xml_node child = next_element(element.first_child()); child;
       child = next_element(child.next_sibling()))
    text.append(newline).append(inner).append(lay_out(child, inner, unit, newline));
  return text + fmt::format("{}{}</{}>", newline, indent, element.name());
}

}  // namespace gpupass
