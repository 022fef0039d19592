// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Written by hand: no XML library in Debian 12 changes a document and keeps every other byte of it.
#pragma once

#include <functional>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gpupass {

/// A domain's definition as its author wrote it. It is parsed once. A change alters the elements that it
/// names and their text; every other byte, comments and white space included, stays. A node stays valid until
/// it is removed or replaced.
class Definition {
 public:
  /// @throws Error Malformed when `text` is no well-formed <domain>, naming line and column.
  explicit Definition(std::string_view text);
  Definition(const Definition&) = delete;  // The text of each node is found by its address.
  Definition& operator=(const Definition&) = delete;

  std::string text() const;
  pugi::xml_node root() const { return document_.document_element(); }
  /// A child of the root; an empty node where there is none.
  pugi::xml_node child(const char* name) const { return root().child(name); }

  /// The child of `parent` that has the name of `wanted` becomes as wanted; one that is so already is not
  /// touched. @returns that child.
  pugi::xml_node put(pugi::xml_node parent, pugi::xml_node wanted);
  /// Puts a copy of `wanted` below `parent`, where libvirt itself would write it, after others of its name.
  /// @returns the copy.
  pugi::xml_node insert(pugi::xml_node parent, pugi::xml_node wanted);
  /// @returns the copy of `wanted` that takes the place of `element`.
  pugi::xml_node replace(pugi::xml_node element, pugi::xml_node wanted);
  /// Removes an element, and its line when it has that to itself.
  void remove(pugi::xml_node element);
  /// The same for all the children of `parent` that are chosen.
  void remove_all(pugi::xml_node parent, const std::function<bool(pugi::xml_node)>& chosen);
  /// Gives the child `name` of the root this text, making it where there is none. An equal one is not
  /// touched. @returns that child.
  pugi::xml_node write(const char* name, const std::string& value);
  /// Sets an attribute. An equal one is not touched.
  void set(pugi::xml_node element, const char* name, const std::string& value);
  void remove(pugi::xml_node element, pugi::xml_attribute attribute);

 private:
  /// How a node is written: the tags of an element, and the whole of anything else. An element that is
  /// written as "<element/>" has no end tag.
  struct Written {
    std::string start;
    std::string end;
  };

  void parse(std::string_view text);
  void note_text(std::string_view text);
  const std::string& start_of(pugi::xml_node node) const { return written_.at(node.internal_object()).start; }
  std::optional<std::string> indentation_of(pugi::xml_node node) const;
  bool breaks_lines(pugi::xml_node parent) const;
  std::string indentation_below(pugi::xml_node parent) const;
  std::string unit() const;
  pugi::xml_node last_of_line(pugi::xml_node node, pugi::xml_node next) const;
  pugi::xml_node place(pugi::xml_node parent, pugi::xml_node after, pugi::xml_node wanted,
                       const std::optional<std::string>& indentation);
  pugi::xml_node place_space(pugi::xml_node parent, pugi::xml_node after, const std::string& space);
  void note_tags(pugi::xml_node element);
  void open(pugi::xml_node element);
  void drop(pugi::xml_node node);
  bool is_alone_on_its_line(pugi::xml_node element) const;

  std::string byte_order_mark_;
  std::string newline_;
  pugi::xml_document document_;
  std::unordered_map<const pugi::xml_node_struct*, Written> written_;
};

}  // namespace gpupass
