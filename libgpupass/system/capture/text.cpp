// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/capture/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "values/number.hpp"

namespace gpupass {

namespace {

bool is_control(char byte) {
  return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
}
bool is_ascii(char byte) {
  return static_cast<unsigned char>(byte) < 0x80;
}

void append_hex(std::string& text, char byte) {
  fmt::format_to(std::back_inserter(text), "\\x{:02x}", static_cast<unsigned char>(byte));
}

void append_escaped(std::string& text, char byte) {
  if (byte == '\\') {
    text += "\\\\";
  } else if (byte == '\n') {
    text += "\\n";
  } else if (byte == '\t') {
    text += "\\t";
  } else if (is_control(byte) || !is_ascii(byte)) {
    append_hex(text, byte);
  } else {
    text += byte;
  }
}

}  // namespace

std::string escape_value(std::string_view value) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == ' ' && i + 1 == value.size()) {
      append_hex(text, ' ');  // Editors take spaces at the end of a line away.
    } else {
      append_escaped(text, value[i]);
    }
  }
  return text;
}

std::string escape_name(std::string_view name) {
  std::string text;
  for (const char byte : name) {
    const bool begins_another = text.empty() && (byte == '#' || byte == '[' || byte == '|');
    if (byte == ' ' || begins_another) {
      append_hex(text, byte);
    } else {
      append_escaped(text, byte);
    }
  }
  return text;
}

std::optional<std::string> unescape(std::string_view text) {
  std::string value;
  while (!text.empty()) {
    const char byte = text.front();
    text.remove_prefix(1);
    if (is_control(byte)) return std::nullopt;
    if (byte != '\\') {
      value += byte;
      continue;
    }
    if (text.empty()) return std::nullopt;
    const char kind = text.front();
    text.remove_prefix(1);
    if (kind == '\\') {
      value += '\\';
    } else if (kind == 'n') {
      value += '\n';
    } else if (kind == 't') {
      value += '\t';
    } else {
      const auto code = kind == 'x' ? parse_digits<unsigned char>(text.substr(0, 2), 2) : std::nullopt;
      if (!code) return std::nullopt;
      value += static_cast<char>(*code);
      text.remove_prefix(2);
    }
  }
  return value;
}

bool is_binary(std::string_view content) {
  return std::ranges::any_of(content, [](char byte) { return byte == '\0' || byte == '\xff'; });
}

}  // namespace gpupass
