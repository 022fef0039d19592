// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/boot_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "gpupass/error.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kFirstLine = "format 1";

using Id = std::optional<std::uint16_t>;

std::string ids(const Id& vendor, const Id& device) {
  return fmt::format("{:04x}:{:04x}", vendor.value_or(0), device.value_or(0));
}

std::string line_of(const BootBinding& binding) {
  const Identity& identity = binding.identity;
  return fmt::format("{} {} {}{}{}", binding.address.to_string(), ids(identity.vendor, identity.device),
                     ids(identity.subsystem_vendor, identity.subsystem_device),
                     identity.serial.empty() ? "" : " ", identity.serial);
}

/// Takes the text in front of the next separator, and that.
std::string_view take(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return taken;
}

/// "10de:2330"; another spelling is caught when the whole is written again and compared.
bool take_ids(std::string_view& text, Id& vendor, Id& device) {
  vendor = parse_number<std::uint16_t>(take(text, ':'), 16);
  device = parse_number<std::uint16_t>(take(text, ' '), 16);
  return vendor && device;
}

/// Drops the words that a later version may have added at the end of a line: "name=value".
std::string_view without_later_words(std::string_view line) {
  for (;;) {
    const auto space = line.rfind(' ');
    if (space == line.npos) return line;
    const std::string_view word = line.substr(space + 1);
    const auto mark = word.find('=');
    if (mark == 0 || mark == word.npos || mark + 1 == word.size()) return line;
    line = line.substr(0, space);
  }
}

std::optional<BootBinding> binding_in(std::string_view line) {
  const auto address = PciAddress::parse(take(line, ' '));
  Identity identity;
  if (!address || !take_ids(line, identity.vendor, identity.device) ||
      !take_ids(line, identity.subsystem_vendor, identity.subsystem_device))
    return std::nullopt;
  identity.serial = line;
  if (!line.empty() && (line.size() != 16 || line.find_first_not_of("0123456789abcdef") != line.npos))
    return std::nullopt;
  return BootBinding{*address, identity};
}

[[noreturn]] void malformed(std::string_view saw, std::string_view expected) {
  throw Error(ErrorCode::Malformed, std::string(kBootFile),
              fmt::format("cannot read {}: saw {:?}, expected {}", kBootFile, saw.substr(0, 60), expected));
}

}  // namespace

std::string to_boot_file(const std::vector<BootBinding>& bindings) {
  if (bindings.empty()) return {};
  std::string text = fmt::format("{}\n", kFirstLine);
  for (const BootBinding& binding : bindings) text += line_of(binding) + '\n';
  return text;
}

std::vector<BootBinding> parse_boot_file(std::string_view content) {
  std::string_view rest = content;
  if (const auto first = take(rest, '\n'); first != kFirstLine)
    malformed(first, fmt::format("\"{}\"", kFirstLine));
  std::vector<BootBinding> bindings;
  while (!rest.empty()) {
    const std::string_view line = without_later_words(take(rest, '\n'));
    const auto binding = binding_in(line);
    if (!binding || line_of(*binding) != line)
      malformed(line, "an address, two pairs of ids and perhaps a serial number, in lower-case hexadecimal");
    if (!bindings.empty() && bindings.back().address >= binding->address)
      malformed(line, "ascending addresses, each once");
    bindings.push_back(*binding);
  }
  if (content.ends_with('\n')) malformed("an empty line", "none");
  if (bindings.empty()) malformed("nothing more", "at least one binding");
  return bindings;
}

std::string boot_image_entry(const BootBinding& binding) {
  const Identity& identity = binding.identity;
  return fmt::format("{}{},{},{}", kBootImageFolder, binding.address.to_string(),
                     ids(identity.vendor, identity.device),
                     ids(identity.subsystem_vendor, identity.subsystem_device));
}

bool is_kernel_name(std::string_view name) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+~-";
  return !name.empty() && name.size() < 128 && name.front() != '-' && name.front() != '.' &&
         name.find_first_not_of(kAllowed) == name.npos;
}

}  // namespace gpupass
