// SPDX-License-Identifier: LGPL-2.1-or-later
// From the text of a definition to its nodes, and where each of them stands in it.
#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "guest/text/definition.hpp"
#include "guest/text/element.hpp"
#include "guest/text/parse.hpp"
#include "guest/text/tag.hpp"
#include "guest/text/walk.hpp"
#include "values/utf8.hpp"

namespace gpupass {

namespace {

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

}  // namespace gpupass
