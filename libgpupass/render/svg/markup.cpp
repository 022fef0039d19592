// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/svg/markup.hpp"

#include "gpupass/render.hpp"

namespace gpupass {

namespace {

/// XML has no U+FFFE and no U+FFFF, which are valid UTF-8.
std::string without_noncharacters(std::string text) {
  for (const std::string_view bytes : {"\xef\xbf\xbe", "\xef\xbf\xbf"})
    for (std::size_t at = text.find(bytes); at != text.npos; at = text.find(bytes)) text.replace(at, 3, "?");
  return text;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (const char byte : without_noncharacters(printable(text))) {
    switch (byte) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += byte;
    }
  }
  return result;
}

}  // namespace gpupass
