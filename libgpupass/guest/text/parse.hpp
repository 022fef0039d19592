// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>

namespace gpupass {

/// Why a text is no XML, and at which byte.
struct XmlFault {
  std::string what;
  std::size_t offset = 0;
};

/// Parses XML that anybody may have written: at most 256 elements within each other, as libvirt reads it. All
/// XML is parsed here. @returns nullopt when it is XML; else `document` has what could be read of it.
std::optional<XmlFault> parse_xml(std::string_view text, pugi::xml_document& document,
                                  unsigned flags = pugi::parse_default,
                                  pugi::xml_encoding encoding = pugi::encoding_auto);

}  // namespace gpupass
