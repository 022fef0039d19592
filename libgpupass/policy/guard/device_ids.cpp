// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/device_ids.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr std::uint32_t kAny = 0xffffffff;

/// Vendor, device, subvendor, subdevice, class and its mask: those that are left out match all.
using Ids = std::array<std::uint32_t, 6>;

/// The kernel reads with sscanf() and "%x", which takes a leading "0x" as well.
std::optional<std::uint32_t> parse_id(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  return parse_number<std::uint32_t>(text, 16);
}

std::optional<Ids> parse_ids(std::string_view text) {
  Ids ids = {kAny, kAny, kAny, kAny, 0, 0};
  std::size_t count = 0;
  for (bool more = true; more; ++count) {
    const std::size_t colon = text.find(':');
    more = colon != text.npos;
    const auto number = parse_id(text.substr(0, colon));
    if (!number || count == ids.size()) return std::nullopt;
    ids[count] = *number;
    if (more) text.remove_prefix(colon + 1);
  }
  if (count < 2) return std::nullopt;
  return ids;
}

template <typename T>
Answer equals(std::uint32_t wanted, const Fact<T>& fact, std::uint32_t mask = kAny) {
  if (fact) return ((wanted ^ *fact) & mask) == 0 ? Answer::Yes : Answer::No;
  return fact.absent() ? Answer::No : Answer::Unknown;
}

template <typename T>
Answer is(std::uint32_t wanted, const Fact<T>& fact) {
  return wanted == kAny ? Answer::Yes : equals(wanted, fact);
}

}  // namespace

Answer matches_ids(std::string_view text, const PciFunction& function) {
  const auto ids = parse_ids(text);
  if (!ids) return Answer::No;
  const auto& [vendor, device, subvendor, subdevice, class_code, mask] = *ids;
  const std::array answers = {is(vendor, function.vendor), is(device, function.device),
                              is(subvendor, function.subsystem_vendor),
                              is(subdevice, function.subsystem_device),
                              mask == 0 ? Answer::Yes : equals(class_code, function.class_code, mask)};
  if (std::ranges::find(answers, Answer::No) != answers.end()) return Answer::No;
  return std::ranges::find(answers, Answer::Unknown) != answers.end() ? Answer::Unknown : Answer::Yes;
}

}  // namespace gpupass
