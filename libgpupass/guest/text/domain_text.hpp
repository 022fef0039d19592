// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace gpupass {

/// A domain's definition as its author wrote it. A change is spliced into the text; every other byte,
/// comments and white space included, stays. Each change parses the text anew: nodes that were taken before
/// are then dangling.
class DomainText {
 public:
  /// @throws Error Malformed when `text` is no well-formed <domain>, naming line and column.
  explicit DomainText(std::string text);
  DomainText(const DomainText&) = delete;  // pugixml points into parsed_.
  DomainText& operator=(const DomainText&) = delete;

  const std::string& text() const { return text_; }
  pugi::xml_node root() const { return document_.document_element(); }
  /// A child of the root; an empty node where there is none.
  pugi::xml_node child(const char* name) const { return root().child(name); }

  /// The child of `parent` that has the name of `wanted` becomes as wanted; one that is so already is not
  /// touched.
  void put(pugi::xml_node parent, pugi::xml_node wanted);
  /// Puts `wanted` below `parent`, where libvirt itself would write it, after others of its name.
  void insert(pugi::xml_node parent, pugi::xml_node wanted);
  void replace(pugi::xml_node element, pugi::xml_node wanted);
  /// Removes an element, and its line when it has that to itself.
  void remove(pugi::xml_node element);
  /// The same for all the children of `parent` that are chosen.
  void remove_all(pugi::xml_node parent, const std::function<bool(pugi::xml_node)>& chosen);
  /// Gives the child `name` of the root this text, making it where there is none. An equal one is not
  /// touched.
  void write(const char* name, const std::string& value);
  /// Sets an attribute; `value` needs no escapes. An equal one is not touched.
  void set(pugi::xml_node element, const char* name, const std::string& value);
  void remove(pugi::xml_node element, pugi::xml_attribute attribute);

 private:
  void parse();
  void splice(std::size_t begin, std::size_t end, std::string_view replacement);
  std::pair<std::size_t, std::size_t> range_of(pugi::xml_node element) const;
  std::size_t begin_of(pugi::xml_node node) const;
  std::size_t end_of(pugi::xml_node element) const;
  std::size_t end_of(pugi::xml_attribute attribute) const;
  std::size_t start_tag_end(pugi::xml_node element) const;
  std::size_t rest_of_line(std::size_t position, pugi::xml_node next) const;
  std::optional<std::string> indentation_at(std::size_t position) const;
  bool breaks_lines(pugi::xml_node parent) const;
  std::string indentation_below(pugi::xml_node parent) const;
  std::string unit() const;

  std::string text_;
  std::string parsed_;  // A copy that pugixml parses in place, so that its pointers tell offsets.
  std::string newline_;
  pugi::xml_document document_;
};

/// Whether two elements say the same: names, attributes in any order, text, children in order. Comments and
/// white space between elements do not count.
bool same(pugi::xml_node left, pugi::xml_node right);

/// An element in libvirt's own manner: single quotes, a line for each element, text beside its tags.
/// @param indent what stands in front of each line but the first.
std::string lay_out(pugi::xml_node element, const std::string& indent = "", const std::string& unit = "  ",
                    const std::string& newline = "\n");

}  // namespace gpupass
