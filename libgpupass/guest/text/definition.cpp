// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/text/definition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "gpupass/error.hpp"
#include "guest/text/order.hpp"
#include "guest/text/parse.hpp"
#include "guest/text/tag.hpp"
#include "values/utf8.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kBlank = " \t\r\n";

bool blank(std::string_view text) {
  return text.find_first_not_of(kBlank) == text.npos;
}

[[noreturn]] void malformed(std::string_view text, std::size_t offset, const std::string& seen) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0: the first line
  throw Error(
      ErrorCode::Malformed, "domain XML",
      fmt::format("cannot read the domain XML: saw {} at line {}, column {}, expected a libvirt domain", seen,
                  line, column));
}

void refuse_control_characters(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 && kBlank.find(text[at]) == kBlank.npos)
      malformed(text, at, fmt::format("the control character 0x{:02x}", byte));
  }
}

pugi::xml_node next_element(pugi::xml_node node) {
  while (node && node.type() != pugi::node_element) node = node.next_sibling();
  return node;
}

/// The text of an element without children; nothing for one that has any.
std::string_view text_of(pugi::xml_node element) {
  if (next_element(element.first_child())) return {};
  const std::string_view text = element.child_value();
  const auto first = text.find_first_not_of(kBlank);
  return first == text.npos ? std::string_view()
                            : text.substr(first, text.find_last_not_of(kBlank) + 1 - first);
}

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

std::string on_one_line(pugi::xml_node element) {
  std::ostringstream out;
  element.print(out, "", pugi::format_raw | pugi::format_attribute_single_quote);
  return out.str();
}

/// "<element>", or "<element/>" where it has no content.
std::string start_tag(pugi::xml_node element) {
  pugi::xml_document shell;
  pugi::xml_node copy = shell.append_child(element.name());
  for (const pugi::xml_attribute attribute : element.attributes()) copy.append_copy(attribute);
  std::string tag = on_one_line(copy);
  if (element.first_child()) make_start_tag(tag);
  return tag;
}

/// Visits nodes in the order of the text: `enter` in front of the content of each, `leave` behind it.
template <typename Enter, typename Leave>
void walk(pugi::xml_node top, const Enter& enter, const Leave& leave) {
  const auto begin = [&](pugi::xml_node node) {
    if (node.type() != pugi::node_document) enter(node);
  };
  const auto end = [&](pugi::xml_node node) {
    if (node.type() != pugi::node_document) leave(node);
  };
  pugi::xml_node node = top;
  begin(node);
  while (true) {
    if (node.first_child()) {
      node = node.first_child();
      begin(node);
      continue;
    }
    while (true) {
      end(node);
      if (node == top) return;
      if (node.next_sibling()) break;
      node = node.parent();
    }
    node = node.next_sibling();
    begin(node);
  }
}

/// Where the text of a node begins.
std::size_t begin_of(std::string_view text, pugi::xml_node node) {
  const auto offset = static_cast<std::size_t>(node.offset_debug());
  // The offset is that of the name or of the content, behind "<", "<!--", "<?" and the like.
  return node.type() == pugi::node_pcdata ? offset : text.rfind('<', offset - 1);
}

/// Where it ends, or the start tag of an element does, when it begins at `at`.
std::size_t end_of(std::string_view text, std::size_t at, pugi::xml_node node) {
  switch (node.type()) {
    case pugi::node_element:
      return end_of_start_tag(text, at);
    case pugi::node_pcdata:
      return std::min(text.find('<', at), text.size());
    case pugi::node_comment:
      return text.find("-->", at + 4) + 3;
    case pugi::node_cdata:
      return text.find("]]>", at + 9) + 3;
    case pugi::node_doctype:
      return node.next_sibling() ? begin_of(text, node.next_sibling()) : text.size();
    default:
      return text.find("?>", at + 2) + 2;
  }
}

}  // namespace

// --- reading ---

Definition::Definition(std::string_view text) {
  refuse_control_characters(text);
  if (const std::size_t valid = valid_utf8(text); valid < text.size())
    malformed(text, valid, "a byte that is no UTF-8");
  newline_ = text.find("\r\n") == text.npos ? "\n" : "\r\n";
  parse(text);
  note_text(text);
}

void Definition::parse(std::string_view text) {
  const auto flags = pugi::parse_full | pugi::parse_ws_pcdata | pugi::parse_fragment;
  if (const auto fault = parse_xml(text, document_, flags, pugi::encoding_utf8))
    malformed(text, fault->offset, fault->what);
  for (const pugi::xml_node node : document_.children()) {
    if (node.type() == pugi::node_element && node != root())
      malformed(text, begin_of(text, node), fmt::format("a second element <{}>", node.name()));
    if ((node.type() == pugi::node_pcdata && !blank(node.value())) || node.type() == pugi::node_cdata)
      malformed(text, begin_of(text, node), "text outside of any element");
  }
  if (std::string_view(root().name()) != "domain")
    malformed(text, root() ? begin_of(text, root()) : text.size(),
              root() ? fmt::format("<{}>", root().name()) : "no element");
}

/// Nodes and tags follow each other without a gap: the parser keeps all that is between tags as nodes.
void Definition::note_text(std::string_view text) {
  std::size_t at = begin_of(text, document_.first_child());
  byte_order_mark_ = text.substr(0, at);
  const auto take = [&](std::size_t end) {
    const std::string_view part = text.substr(at, end - at);
    at = end;
    return std::string(part);
  };
  walk(
      document_,
      [&](pugi::xml_node node) { written_[node.internal_object()].start = take(end_of(text, at, node)); },
      [&](pugi::xml_node node) {
        Written& written = written_[node.internal_object()];
        if (node.type() == pugi::node_element && !is_whole_element(written.start))
          written.end = take(text.find('>', at) + 1);
      });
}

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

// --- elements ---

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
