// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/text/tag.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace gpupass {

namespace {

constexpr std::string_view kTagSpace = " \t\r\n";

/// Where an attribute stands in its tag.
struct AttributeText {
  std::string_view name;
  std::size_t begin = 0;  ///< Behind the attribute before it, or behind the element's name.
  std::size_t value = 0;  ///< Behind the first quote.
  std::size_t end = 0;    ///< Behind the last quote.
};

std::size_t end_of_name(std::string_view tag) {
  return std::min(tag.find_first_of(" \t\r\n/>", 1), tag.size());
}

/// The attribute that follows the position `begin`.
std::optional<AttributeText> attribute_at(std::string_view tag, std::size_t begin) {
  const std::size_t name = tag.find_first_not_of(kTagSpace, begin);
  if (name == tag.npos || tag[name] == '/' || tag[name] == '>') return std::nullopt;
  const std::size_t name_end = tag.find_first_of(" \t\r\n=", name);
  const std::size_t quote = tag.find_first_of("'\"", name_end);
  return AttributeText{tag.substr(name, name_end - name), begin, quote + 1,
                       tag.find(tag[quote], quote + 1) + 1};
}

std::optional<AttributeText> attribute_named(std::string_view tag, std::string_view name) {
  auto attribute = attribute_at(tag, end_of_name(tag));
  while (attribute && attribute->name != name) attribute = attribute_at(tag, attribute->end);
  return attribute;
}

std::size_t end_of_attributes(std::string_view tag) {
  std::size_t end = end_of_name(tag);
  while (const auto attribute = attribute_at(tag, end)) end = attribute->end;
  return end;
}

std::string escaped(std::string_view value) {
  std::string text;
  for (const char character : value) switch (character) {
      case '&':
        text += "&amp;";
        break;
      case '<':
        text += "&lt;";
        break;
      case '\'':
        text += "&apos;";
        break;
      case '"':
        text += "&quot;";
        break;
      case '\n':  // Read back from an attribute, each of these three would be a space.
        text += "&#10;";
        break;
      case '\r':
        text += "&#13;";
        break;
      case '\t':
        text += "&#9;";
        break;
      default:
        text += character;
    }
  return text;
}

}  // namespace

std::size_t end_of_start_tag(std::string_view text, std::size_t at) {
  while (text[at = text.find_first_of("'\">", at)] != '>') at = text.find(text[at], at + 1) + 1;
  return at + 1;
}

bool is_whole_element(std::string_view tag) {
  return tag.ends_with("/>");
}

void make_start_tag(std::string& tag) {
  tag.erase(tag.find_last_not_of(kTagSpace, tag.size() - 3) + 1);
  tag += '>';
}

void set_in_tag(std::string& tag, std::string_view name, std::string_view value) {
  if (const auto present = attribute_named(tag, name))
    tag.replace(present->value, present->end - 1 - present->value, escaped(value));
  else
    tag.insert(end_of_attributes(tag), fmt::format(" {}='{}'", name, escaped(value)));
}

void remove_from_tag(std::string& tag, std::string_view name) {
  if (const auto present = attribute_named(tag, name))
    tag.erase(present->begin, present->end - present->begin);
}

}  // namespace gpupass
