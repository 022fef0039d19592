// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/text/definition.hpp"

#include <fmt/format.h>

#include <utility>

#include "guest/text/element.hpp"
#include "guest/text/order.hpp"
#include "guest/text/tag.hpp"
#include "guest/text/walk.hpp"

namespace gpupass {

std::string Definition::text() const {
  std::string text = byte_order_mark_;
  walk(
      document_, [&](pugi::xml_node node) { text += written_.at(node.internal_object()).start; },
      [&](pugi::xml_node node) { text += written_.at(node.internal_object()).end; });
  return text;
}

// --- layout ---

/// The white space in front of a node; nothing where something else stands on the line before it.
std::optional<std::string> Definition::indentation_of(pugi::xml_node node) const {
  const pugi::xml_node before = node.previous_sibling();
  const bool first = !before && node.parent() == document_ && byte_order_mark_.empty();
  if (!before || before.type() != pugi::node_pcdata) return first ? std::optional("") : std::nullopt;
  const std::string& text = start_of(before);
  const std::size_t line = text.rfind('\n');
  const bool begins_the_text = before == document_.first_child() && byte_order_mark_.empty();
  if (line == text.npos && !begins_the_text) return std::nullopt;
  std::string space = text.substr(line + 1);  // npos + 1 is 0: the first line
  return blank(space) ? std::optional(std::move(space)) : std::nullopt;
}

bool Definition::breaks_lines(pugi::xml_node parent) const {
  const pugi::xml_node first = next_element(parent.first_child());
  return indentation_of(first ? first : parent).has_value();
}

/// By how much a child stands further in than its parent.
std::string Definition::unit() const {
  const pugi::xml_node first = next_element(root().first_child());
  const auto outer = indentation_of(root());
  const auto inner = first ? indentation_of(first) : std::nullopt;
  if (!outer || !inner || inner->size() <= outer->size()) return "  ";
  return inner->substr(outer->size());
}

std::string Definition::indentation_below(pugi::xml_node parent) const {
  if (const pugi::xml_node first = next_element(parent.first_child()))
    return indentation_of(first).value_or("");
  return indentation_of(parent).value_or("") + unit();
}

/// The last of the comments that stand on the same line as `node`, or `node`: they belong to what is in front
/// of them. `next` follows `node`.
pugi::xml_node Definition::last_of_line(pugi::xml_node node, pugi::xml_node next) const {
  for (; next; next = next.next_sibling()) {
    const bool breaks = start_of(next).find('\n') != std::string::npos;
    if (breaks || (next.type() != pugi::node_comment && next.type() != pugi::node_pcdata)) break;
    if (next.type() == pugi::node_comment) node = next;
  }
  return node;
}

// --- placing ---

pugi::xml_node Definition::place_space(pugi::xml_node parent, pugi::xml_node after,
                                       const std::string& space) {
  if (space.empty()) return after;
  pugi::xml_node node =
      after ? parent.insert_child_after(pugi::node_pcdata, after) : parent.prepend_child(pugi::node_pcdata);
  node.set_value(space.c_str());
  written_[node.internal_object()] = {space, ""};
  return node;
}

void Definition::note_tags(pugi::xml_node element) {
  written_[element.internal_object()] = {start_tag(element),
                                         element.first_child() ? fmt::format("</{}>", element.name()) : ""};
}

/// A copy of an element. With an indentation each element in it has a line of its own.
pugi::xml_node Definition::place(pugi::xml_node parent, pugi::xml_node after, pugi::xml_node wanted,
                                 const std::optional<std::string>& indentation) {
  pugi::xml_node copy =
      after ? parent.insert_child_after(wanted.name(), after) : parent.prepend_child(wanted.name());
  for (const pugi::xml_attribute attribute : wanted.attributes()) copy.append_copy(attribute);
  if (indentation && next_element(wanted.first_child())) {
    const std::string inner = *indentation + unit();
    pugi::xml_node last;
    for (pugi::xml_node child = next_element(wanted.first_child()); child;
         child = next_element(child.next_sibling()))
      last = place(copy, place_space(copy, last, newline_ + inner), child, inner);
    place_space(copy, last, newline_ + *indentation);
  } else {
    for (const pugi::xml_node child : wanted.children()) {
      if (child.type() == pugi::node_element)
        place(copy, copy.last_child(), child, std::nullopt);
      else
        written_[copy.append_copy(child).internal_object()] = {on_one_line(child), ""};
    }
  }
  note_tags(copy);
  return copy;
}

/// Gives "<element/>" room for content.
void Definition::open(pugi::xml_node element) {
  Written& written = written_.at(element.internal_object());
  if (!is_whole_element(written.start)) return;
  make_start_tag(written.start);
  written.end = fmt::format("</{}>", element.name());
}

void Definition::drop(pugi::xml_node node) {
  walk(node, [&](pugi::xml_node inner) { written_.erase(inner.internal_object()); }, [](pugi::xml_node) {});
  node.parent().remove_child(node);
}

// --- changing ---

pugi::xml_node Definition::put(pugi::xml_node parent, pugi::xml_node wanted) {
  const pugi::xml_node present = parent.child(wanted.name());
  if (!present) return insert(parent, wanted);
  return same(present, wanted) ? present : replace(present, wanted);
}

pugi::xml_node Definition::insert(pugi::xml_node parent, pugi::xml_node wanted) {
  const auto indentation = breaks_lines(parent) ? std::optional(indentation_below(parent)) : std::nullopt;
  const std::string outer = indentation_of(parent).value_or("");
  const pugi::xml_node neighbour = predecessor(parent, wanted.name());
  const pugi::xml_node after =
      last_of_line(neighbour, neighbour ? neighbour.next_sibling() : parent.first_child());
  const bool ends_parent = !(after ? after.next_sibling() : parent.first_child());

  open(parent);
  const pugi::xml_node line = place_space(parent, after, indentation ? newline_ + *indentation : "");
  const pugi::xml_node copy = place(parent, line, wanted, indentation);
  if (indentation && ends_parent) place_space(parent, copy, newline_ + outer);
  return copy;
}

pugi::xml_node Definition::replace(pugi::xml_node element, pugi::xml_node wanted) {
  const pugi::xml_node copy = place(element.parent(), element, wanted, indentation_of(element));
  drop(element);
  return copy;
}

bool Definition::is_alone_on_its_line(pugi::xml_node element) const {
  const pugi::xml_node next = element.next_sibling();
  if (!indentation_of(element) || !element.previous_sibling() || next.type() != pugi::node_pcdata)
    return false;
  const std::string_view text = start_of(next);
  const std::size_t line = text.find('\n');
  return line != text.npos && blank(text.substr(0, line));
}

void Definition::remove(pugi::xml_node element) {
  pugi::xml_node before = element.previous_sibling();
  const pugi::xml_node next = element.next_sibling();
  if (is_alone_on_its_line(element)) {
    std::string& text = written_.at(before.internal_object()).start;
    text.erase(text.rfind('\n'));
    if (text.ends_with('\r')) text.pop_back();
  }
  drop(element);
  if (before.type() != pugi::node_pcdata || next.type() != pugi::node_pcdata) return;
  // Space means nothing: copying it each time would make the removal of many elements slow.
  if (!blank(next.value())) before.set_value((before.value() + std::string(next.value())).c_str());
  written_.at(before.internal_object()).start += start_of(next);
  drop(next);
}

void Definition::remove_all(pugi::xml_node parent, const std::function<bool(pugi::xml_node)>& chosen) {
  for (pugi::xml_node child = next_element(parent.first_child()); child;) {
    const pugi::xml_node next = next_element(child.next_sibling());
    if (chosen(child)) remove(child);
    child = next;
  }
}

pugi::xml_node Definition::write(const char* name, const std::string& value) {
  pugi::xml_document scratch;
  pugi::xml_node wanted = scratch.append_child(name);
  const pugi::xml_node present = child(name);
  if (present && text_of(present) == value) return present;
  wanted.text() = value.c_str();
  if (!present) return insert(root(), wanted);
  for (const pugi::xml_attribute attribute : present.attributes()) wanted.append_copy(attribute);
  return replace(present, wanted);
}

void Definition::set(pugi::xml_node element, const char* name, const std::string& value) {
  pugi::xml_attribute attribute = element.attribute(name);
  if (attribute && value == attribute.value()) return;
  if (!attribute) attribute = element.append_attribute(name);
  attribute = value.c_str();
  set_in_tag(written_.at(element.internal_object()).start, name, value);
}

void Definition::remove(pugi::xml_node element, pugi::xml_attribute attribute) {
  remove_from_tag(written_.at(element.internal_object()).start, attribute.name());
  element.remove_attribute(attribute);
}

}  // namespace gpupass
