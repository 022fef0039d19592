// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/folder.hpp"

#include <algorithm>

#include "values/may_block.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

/// The kernel prints these with "%#x": the prefix is always there.
template <typename T>
std::optional<T> parse_hex(std::string_view text) {
  if (!text.starts_with("0x")) return std::nullopt;
  return parse_number<T>(text, 16);
}

std::optional<unsigned> parse_decimal(std::string_view text) {
  return parse_number<unsigned>(text);
}

bool is_letter(char character) {
  return (character | 0x20) >= 'a' && (character | 0x20) <= 'z';
}
bool is_word(char character) {
  return is_letter(character) || (character >= '0' && character <= '9') || character == '_' ||
         character == '-';
}

std::optional<std::string> parse_word(std::string_view text) {
  constexpr std::size_t kLongest = 32;
  if (text.empty() || text.size() > kLongest || !is_letter(text.front()) ||
      !std::ranges::all_of(text, is_word))
    return std::nullopt;
  return std::string(text);
}

std::optional<std::vector<std::string>> parse_words(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string_view text_word : words_of(text)) {
    const auto word = parse_word(text_word);
    if (!word) return std::nullopt;
    words.push_back(*word);
  }
  return words;
}

}  // namespace

const Form<std::uint8_t> kHex8{parse_hex<std::uint8_t>, "a hexadecimal number up to 0xff"};
const Form<std::uint16_t> kHex16{parse_hex<std::uint16_t>, "a hexadecimal number up to 0xffff"};
const Form<unsigned> kDecimal{parse_decimal, "a number"};
const Form<std::string> kWord{parse_word, "a word"};
const Form<std::vector<std::string>> kWords{parse_words, "words"};

Fact<std::string> Folder::text(std::string_view name) const {
  const Fact<std::string> text = content(name);
  if (text.unknown()) return unknown(name, reason_of(text, path_of(name)));
  return text;
}

Fact<std::string> Folder::bytes(std::string_view name, std::size_t offset, std::size_t count) const {
  const Fact<std::string> bytes = system_.read_bytes(path_of(name), offset, count);
  if (bytes.unknown()) return unknown(name, reason_of(bytes, path_of(name)));
  return bytes;
}

Fact<std::string> Folder::content(std::string_view name) const {
  const std::string path = path_of(name);
  return may_block(path) ? system_.read_guarded(path) : system_.read(path);
}

Fact<std::vector<std::string>> Folder::list(std::string_view name) const {
  const auto names = system_.list(path_of(name));
  if (names.unknown()) return unknown(name, reason_of(names, path_of(name)));
  return names;
}

Unknown Folder::unknown(std::string_view name, const std::string& why) const {
  limit(name, why);
  return Unknown{path_of(name) + ": " + why};
}

void Folder::limit(std::string_view what, const std::string& why) const {
  limits_.add(std::string(what), subject_, why);
}

Fact<std::string> Folder::last_component(Fact<std::string> target) {
  if (target) target->erase(0, target->rfind('/') + 1);
  return target;
}

}  // namespace gpupass
