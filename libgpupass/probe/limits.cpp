// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/limits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpupass {

namespace {

constexpr std::size_t kMostReasons = 4;    // For one thing; more are told by the first.
constexpr std::size_t kLongestQuote = 40;  // Longer than a UUID.

std::string what_of(const std::string& what, const std::set<std::string>& subjects) {
  if (subjects.empty()) return what;
  if (subjects.size() == 1) return fmt::format("{} of {}", what, *subjects.begin());
  return fmt::format("{} of {} and {} more", what, *subjects.begin(), subjects.size() - 1);
}

}  // namespace

void Limits::add(const std::string& what, const std::string& why) {
  seen_[what][why];
}

void Limits::add(const std::string& what, const std::string& subject, const std::string& why) {
  seen_[what][why].insert(subject);
}

std::vector<Limit> Limits::sorted() const {
  std::vector<Limit> limits;
  for (const auto& [what, reasons] : seen_) {
    if (reasons.size() <= kMostReasons) {
      for (const auto& [why, subjects] : reasons) limits.push_back({what_of(what, subjects), why});
      continue;
    }
    Subjects all;
    for (const auto& [why, subjects] : reasons) all.insert(subjects.begin(), subjects.end());
    limits.push_back({what_of(what, all),
                      fmt::format("{}; and {} other reasons", reasons.begin()->first, reasons.size() - 1)});
  }
  std::ranges::sort(limits, {}, [](const Limit& limit) { return std::tie(limit.what, limit.why); });
  return limits;
}

std::string shown(std::string_view value) {
  std::string text = "\"";
  for (const char character : value.substr(0, kLongestQuote)) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte > 0x7e || character == '"' || character == '\\')
      text += fmt::format("\\x{:02x}", byte);
    else
      text += character;
  }
  text += '"';
  if (value.size() > kLongestQuote) text += fmt::format("... ({} characters)", value.size());
  return text;
}

}  // namespace gpupass
