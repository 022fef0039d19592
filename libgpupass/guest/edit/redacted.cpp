// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <optional>
#include <pugixml.hpp>
#include <vector>

#include "gpupass/guest.hpp"
#include "guest/edit/recorded_identity.hpp"
#include "guest/text/element.hpp"
#include "guest/text/parse.hpp"
#include "guest/text/xml_names.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kHidden = "****";
constexpr std::string_view kSpace = " \t\r\n";

/// A part of the text that must not be seen.
struct Secret {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::size_t behind_space(std::string_view xml, std::size_t at) {
  return std::min(xml.find_first_not_of(kSpace, at), xml.size());
}

/// The value of an attribute name='...' whose name ends at `at`.
std::optional<Secret> value_at(std::string_view xml, std::size_t at) {
  const std::size_t equals = behind_space(xml, at);
  if (!xml.substr(equals).starts_with('=')) return std::nullopt;
  const std::size_t quote = behind_space(xml, equals + 1);
  if (quote >= xml.size() || (xml[quote] != '\'' && xml[quote] != '"')) return std::nullopt;
  return Secret{quote + 1, xml.find(xml[quote], quote + 1)};
}

/// The password of a display, or what a server of disks is asked with.
std::optional<Secret> password_at(std::string_view xml, std::size_t at) {
  for (const std::string_view name : {"passwd", "query"})
    if (xml.substr(at).starts_with(name)) return value_at(xml, at + name.size());
  return std::nullopt;
}

/// The ">" of a tag; in an attribute's value there may be others.
std::size_t end_of_tag(std::string_view xml, std::size_t at) {
  while (at != xml.npos && (at = xml.find_first_of("'\">", at)) != xml.npos && xml[at] != '>') {
    at = xml.find(xml[at], at + 1);
    if (at != xml.npos) ++at;
  }
  return at;
}

/// The name of the element whose tag begins at `at`.
std::string_view name_at(std::string_view xml, std::size_t at) {
  const std::string_view rest = xml.substr(at + 1);
  return rest.substr(0, rest.find_first_of(" \t\r\n/>"));
}

/// What others are told: a server of disks, the guest's firmware, and its kernel or its first program.
constexpr std::string_view kTold[] = {"cookie", "entry", "cmdline", "initarg", "initenv"};

/// The content of an element whose tag begins at `at`.
std::optional<Secret> content_at(std::string_view xml, std::size_t at) {
  if (std::ranges::find(kTold, name_at(xml, at)) == std::end(kTold)) return std::nullopt;
  const std::size_t end = end_of_tag(xml, at);
  if (end == xml.npos) return Secret{at, end};
  if (xml[end - 1] == '/') return std::nullopt;
  return Secret{end + 1, xml.find("</", end)};
}

/// Whether an argument of QEMU is the mere name of an option, or what set_window() writes.
bool is_harmless(std::string_view argument) {
  constexpr std::string_view kWindow = "name=opt/ovmf/X-PciMmio64Mb,string=";
  constexpr std::string_view kDigits = "0123456789", kLetters = "abcdefghijklmnopqrstuvwxyz-_";
  if (argument.starts_with(kWindow))
    return argument.find_first_not_of(kDigits, kWindow.size()) == argument.npos;
  return argument.starts_with('-') && argument.find_first_not_of(kLetters) == argument.npos;
}

/// An argument of QEMU, or a variable of its environment, in a tag that begins at `at`.
std::optional<Secret> argument_at(std::string_view xml, std::size_t at) {
  const std::string_view name = name_at(xml, at);
  if (!name.ends_with(":arg") && !name.ends_with(":env")) return std::nullopt;
  const std::size_t end = end_of_tag(xml, at);
  if (end == xml.npos) return Secret{at, end};
  const std::size_t attribute = xml.substr(0, end).find("value", at);
  const auto value = attribute == xml.npos ? std::nullopt : value_at(xml, attribute + 5);
  const bool shown = value && is_harmless(xml.substr(value->begin, value->end - value->begin));
  return value && !shown ? value : std::nullopt;
}

/// Where an element begins.
std::size_t start_of(pugi::xml_node element) {
  return static_cast<std::size_t>(element.offset_debug()) - 1;
}

/// What other programs than gpupass keep in a definition.
std::vector<Secret> foreign_metadata(std::string_view xml, pugi::xml_node domain) {
  const pugi::xml_node metadata = domain.child("metadata");
  const pugi::xml_node behind = next_element(metadata.next_sibling());
  std::vector<Secret> foreign;
  for (const pugi::xml_node child : metadata.children()) {
    if (child.type() != pugi::node_element || namespace_of(child) == kMetadataNamespace) continue;
    const pugi::xml_node next = next_element(child.next_sibling());
    const std::size_t end =
        next ? start_of(next) : xml.rfind("</metadata", behind ? start_of(behind) : xml.npos);
    foreign.push_back({start_of(child), end});
  }
  return foreign;
}

}  // namespace

// They are looked for in the text, so that those in comments are found too.
std::string redacted(std::string_view xml) {
  pugi::xml_document document;
  if (parse_xml(xml, document, pugi::parse_default, pugi::encoding_utf8)) return {};
  const std::vector<Secret> foreign = foreign_metadata(xml, document.child("domain"));
  auto next_foreign = foreign.begin();
  std::string result;
  std::size_t copied = 0;
  for (std::size_t at = xml.find_first_of("pq<"); at < xml.size(); at = xml.find_first_of("pq<", at + 1)) {
    std::optional<Secret> secret;
    if (next_foreign != foreign.end() && next_foreign->begin == at)
      secret = *next_foreign++;
    else if (xml[at] != '<')
      secret = password_at(xml, at);
    else if (secret = content_at(xml, at); !secret)
      secret = argument_at(xml, at);
    if (!secret) continue;
    if (secret->end == xml.npos) return {};
    result.append(xml.substr(copied, secret->begin - copied)).append(kHidden);
    copied = secret->end;
    at = copied - 1;
  }
  return result.append(xml.substr(copied));
}

}  // namespace gpupass
