// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/text/domain_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "gpupass/error.hpp"
#include "guest/text/order.hpp"
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

std::string start_tag(pugi::xml_node element) {
  pugi::xml_document shell;
  pugi::xml_node copy = shell.append_child(element.name());
  for (const pugi::xml_attribute attribute : element.attributes()) copy.append_copy(attribute);
  std::string tag = on_one_line(copy);
  return tag.replace(tag.size() - 2, 2, ">");
}

}  // namespace

// --- reading -------------------------------------------------------------------------------------

DomainText::DomainText(std::string text) : text_(std::move(text)) {
  refuse_control_characters(text_);
  if (const std::size_t valid = valid_utf8(text_); valid < text_.size())
    malformed(text_, valid, "a byte that is no UTF-8");
  newline_ = text_.find("\r\n") == text_.npos ? "\n" : "\r\n";
  parse();
}

void DomainText::parse() {
  parsed_ = text_;
  const auto flags = pugi::parse_full | pugi::parse_ws_pcdata | pugi::parse_fragment;
  const pugi::xml_parse_result result =
      document_.load_buffer_inplace(parsed_.data(), parsed_.size(), flags, pugi::encoding_utf8);
  if (!result) malformed(text_, static_cast<std::size_t>(result.offset), result.description());
  for (const pugi::xml_node node : document_.children()) {
    if (node.type() == pugi::node_element && node != root())
      malformed(text_, begin_of(node), fmt::format("a second element <{}>", node.name()));
    if ((node.type() == pugi::node_pcdata && !blank(node.value())) || node.type() == pugi::node_cdata)
      malformed(text_, begin_of(node), "text outside of any element");
  }
  if (std::string_view(root().name()) != "domain")
    malformed(text_, root() ? begin_of(root()) : text_.size(),
              root() ? fmt::format("<{}>", root().name()) : "no element");
}

std::size_t DomainText::begin_of(pugi::xml_node node) const {
  const auto offset = static_cast<std::size_t>(node.offset_debug());
  // The offset is that of the name or of the content, behind "<", "<!--", "<?" and the like.
  return node.type() == pugi::node_pcdata ? offset : text_.rfind('<', offset - 1);
}

std::size_t DomainText::end_of(pugi::xml_node element) const {
  if (const pugi::xml_node next = element.next_sibling()) return begin_of(next);
  if (element == root()) return text_.rfind('>') + 1;
  return text_.rfind("</", end_of(element.parent()) - 1);
}

std::size_t DomainText::end_of(pugi::xml_attribute attribute) const {
  const auto value = static_cast<std::size_t>(attribute.value() - parsed_.data());
  return text_.find(text_[value - 1], value) + 1;
}

/// Behind the ">" of an element that is not written as "<element/>".
std::size_t DomainText::start_tag_end(pugi::xml_node element) const {
  if (const pugi::xml_node first = element.first_child()) return begin_of(first);
  return text_.rfind("</", end_of(element) - 1);
}

// --- layout --------------------------------------------------------------------------------------

std::optional<std::string> DomainText::indentation_at(std::size_t position) const {
  const std::size_t line = position == 0 ? 0 : text_.rfind('\n', position - 1) + 1;
  std::string before = text_.substr(line, position - line);
  if (!blank(before)) return std::nullopt;
  return before;
}

bool DomainText::breaks_lines(pugi::xml_node parent) const {
  const pugi::xml_node first = next_element(parent.first_child());
  return indentation_at(begin_of(first ? first : parent)).has_value();
}

/// By how much a child stands further in than its parent.
std::string DomainText::unit() const {
  const pugi::xml_node first = next_element(root().first_child());
  const auto outer = indentation_at(begin_of(root()));
  const auto inner = first ? indentation_at(begin_of(first)) : std::nullopt;
  if (!outer || !inner || inner->size() <= outer->size()) return "  ";
  return inner->substr(outer->size());
}

std::string DomainText::indentation_below(pugi::xml_node parent) const {
  if (const pugi::xml_node first = next_element(parent.first_child()))
    return indentation_at(begin_of(first)).value_or("");
  return indentation_at(begin_of(parent)).value_or("") + unit();
}

/// Moves behind the comments that stand on the same line: they belong to what is in front of them.
std::size_t DomainText::rest_of_line(std::size_t position, pugi::xml_node next) const {
  for (; next; next = next.next_sibling()) {
    if (next.type() == pugi::node_comment &&
        std::string_view(next.value()).find('\n') == std::string_view::npos)
      position = end_of(next);
    else if (next.type() != pugi::node_pcdata ||
             std::string_view(next.value()).find('\n') != std::string_view::npos)
      break;
  }
  return position;
}

// --- changing ------------------------------------------------------------------------------------

void DomainText::splice(std::size_t begin, std::size_t end, std::string_view replacement) {
  text_.replace(begin, end - begin, replacement);
  parse();
}

void DomainText::put(pugi::xml_node parent, pugi::xml_node wanted) {
  const pugi::xml_node present = parent.child(wanted.name());
  if (!present)
    insert(parent, wanted);
  else if (!same(present, wanted))
    replace(present, wanted);
}

void DomainText::insert(pugi::xml_node parent, pugi::xml_node wanted) {
  const bool broken = breaks_lines(parent);
  const std::string line = broken ? newline_ + indentation_below(parent) : "";
  const std::string last_line = broken ? newline_ + indentation_at(begin_of(parent)).value_or("") : "";
  const std::string element =
      line + (broken ? lay_out(wanted, indentation_below(parent), unit(), newline_) : on_one_line(wanted));

  const std::size_t end = end_of(parent);
  if (text_.compare(end - 2, 2, "/>") == 0 && !parent.first_child()) {
    const std::size_t tag = text_.find_last_not_of(kBlank, end - 3) + 1;
    splice(tag, end, fmt::format(">{}{}</{}>", element, last_line, parent.name()));
    return;
  }
  const pugi::xml_node after = predecessor(parent, wanted.name());
  const std::size_t at = after ? rest_of_line(end_of(after), after.next_sibling())
                               : rest_of_line(start_tag_end(parent), parent.first_child());
  const bool closes_here = text_.compare(at, 2, "</") == 0;
  splice(at, at, element + (closes_here ? last_line : ""));
}

void DomainText::replace(pugi::xml_node element, pugi::xml_node wanted) {
  const auto indentation = indentation_at(begin_of(element));
  splice(begin_of(element), end_of(element),
         indentation ? lay_out(wanted, *indentation, unit(), newline_) : on_one_line(wanted));
}

/// An element, with its line when it has that to itself.
std::pair<std::size_t, std::size_t> DomainText::range_of(pugi::xml_node element) const {
  std::size_t begin = begin_of(element);
  const std::size_t end = end_of(element);
  const std::size_t line = text_.rfind('\n', begin);
  const bool alone = blank(text_.substr(line + 1, begin - line - 1)) &&
                     blank(text_.substr(end, text_.find('\n', end) - end));
  if (line != text_.npos && alone) begin = line > 0 && text_[line - 1] == '\r' ? line - 1 : line;
  return {begin, end};
}

void DomainText::remove(pugi::xml_node element) {
  const auto [begin, end] = range_of(element);
  splice(begin, end, "");
}

void DomainText::remove_all(pugi::xml_node parent, const std::function<bool(pugi::xml_node)>& chosen) {
  std::string kept;
  std::size_t from = 0;
  for (const pugi::xml_node child : parent.children()) {
    if (child.type() != pugi::node_element || !chosen(child)) continue;
    const auto [begin, end] = range_of(child);
    kept.append(text_, from, begin - from);
    from = end;
  }
  if (from == 0) return;
  text_ = kept.append(text_, from);
  parse();
}

void DomainText::write(const char* name, const std::string& value) {
  pugi::xml_document scratch;
  pugi::xml_node wanted = scratch.append_child(name);
  const pugi::xml_node present = child(name);
  if (present && text_of(present) == value) return;
  wanted.text() = value.c_str();
  if (!present) return insert(root(), wanted);
  for (const pugi::xml_attribute attribute : present.attributes()) wanted.append_copy(attribute);
  replace(present, wanted);
}

void DomainText::set(pugi::xml_node element, const char* name, const std::string& value) {
  if (const pugi::xml_attribute present = element.attribute(name)) {
    if (value == present.value()) return;
    const auto begin = static_cast<std::size_t>(present.value() - parsed_.data());
    splice(begin, end_of(present) - 1, value);
    return;
  }
  const pugi::xml_attribute last = element.last_attribute();
  const std::size_t at =
      last ? end_of(last) : begin_of(element) + 1 + std::string_view(element.name()).size();
  splice(at, at, fmt::format(" {}='{}'", name, value));
}

void DomainText::remove(pugi::xml_node element, pugi::xml_attribute attribute) {
  const pugi::xml_attribute previous = attribute.previous_attribute();
  const std::size_t begin =
      previous ? end_of(previous) : begin_of(element) + 1 + std::string_view(element.name()).size();
  splice(begin, end_of(attribute), "");
}

// --- elements ------------------------------------------------------------------------------------

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
