// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <optional>
#include <pugixml.hpp>

#include "gpupass/guest.hpp"

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

/// The value of a passwd='...' that begins at `at`.
std::optional<Secret> password_at(std::string_view xml, std::size_t at) {
  constexpr std::string_view kName = "passwd";
  if (!xml.substr(at).starts_with(kName)) return std::nullopt;
  const std::size_t equals = behind_space(xml, at + kName.size());
  if (!xml.substr(equals).starts_with('=')) return std::nullopt;
  const std::size_t quote = behind_space(xml, equals + 1);
  if (quote >= xml.size() || (xml[quote] != '\'' && xml[quote] != '"')) return std::nullopt;
  return Secret{quote + 1, xml.find(xml[quote], quote + 1)};
}

/// The ">" of a tag; in an attribute's value there may be others.
std::size_t end_of_tag(std::string_view xml, std::size_t at) {
  while (at != xml.npos && (at = xml.find_first_of("'\">", at)) != xml.npos && xml[at] != '>') {
    at = xml.find(xml[at], at + 1);
    if (at != xml.npos) ++at;
  }
  return at;
}

/// The content of a <cookie> that begins at `at`.
std::optional<Secret> cookie_at(std::string_view xml, std::size_t at) {
  constexpr std::string_view kStart = "<cookie";
  const std::string_view rest = xml.substr(at);
  if (!rest.starts_with(kStart) || rest.size() == kStart.size()) return std::nullopt;
  if (rest[kStart.size()] != '>' && kSpace.find(rest[kStart.size()]) == kSpace.npos) return std::nullopt;
  const std::size_t end = end_of_tag(xml, at);
  if (end == xml.npos) return Secret{at, end};
  if (xml[end - 1] == '/') return std::nullopt;
  return Secret{end + 1, xml.find("</cookie", end)};
}

}  // namespace

// What libvirt itself leaves out without VIR_DOMAIN_XML_SECURE: passwords of displays, cookies of network
// disks. They are looked for in the text, so that those in comments are found too.
std::string redacted(std::string_view xml) {
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_utf8)) return {};
  std::string result;
  std::size_t copied = 0;
  for (std::size_t at = xml.find_first_of("p<"); at < xml.size(); at = xml.find_first_of("p<", at + 1)) {
    std::optional<Secret> secret = password_at(xml, at);
    if (!secret) secret = cookie_at(xml, at);
    if (!secret) continue;
    if (secret->end == xml.npos) return {};
    result.append(xml.substr(copied, secret->begin - copied)).append(kHidden);
    at = copied = secret->end;
  }
  return result.append(xml.substr(copied));
}

}  // namespace gpupass
