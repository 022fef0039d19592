// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Written by hand: the bitmaps of hwloc would bring hwloc into the process of each program that links this
// library.
#include "gpupass/cpu_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "values/number.hpp"

namespace gpupass {

namespace {
constexpr unsigned kHighestCpu = 65535;  // Far above the kernel's NR_CPUS limit of 8192.
}

CpuSet::CpuSet(std::initializer_list<unsigned> cpus) {
  for (const unsigned cpu : cpus) ranges_.push_back({cpu, cpu});
  join();
}

std::optional<CpuSet> CpuSet::parse(std::string_view text) {
  CpuSet set;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string_view range = text.substr(0, comma);
    const auto dash = range.find('-');
    const auto first = parse_number<unsigned>(range.substr(0, dash));
    const auto last = dash == range.npos ? first : parse_number<unsigned>(range.substr(dash + 1));
    if (!first || !last || *first > *last || *last > kHighestCpu) return std::nullopt;
    set.ranges_.push_back({*first, *last});
    if (comma == text.npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) return std::nullopt;
  }
  set.join();
  return set;
}

std::string CpuSet::to_string() const {
  std::string text;
  for (const Range& range : ranges_) {
    if (!text.empty()) text += ',';
    text += range.first == range.last ? fmt::to_string(range.first)
                                      : fmt::format("{}-{}", range.first, range.last);
  }
  return text;
}

/// Sorts the ranges, and makes one of those that touch.
void CpuSet::join() {
  std::ranges::sort(ranges_, {}, &Range::first);
  std::vector<Range> joined;
  for (const Range& range : ranges_) {
    const bool touches =
        !joined.empty() && (range.first <= joined.back().last || range.first - joined.back().last == 1);
    if (touches)
      joined.back().last = std::max(joined.back().last, range.last);
    else
      joined.push_back(range);
  }
  ranges_ = std::move(joined);
}

void CpuSet::insert(unsigned cpu) {
  if (!contains(cpu)) *this |= CpuSet{cpu};
}

std::size_t CpuSet::size() const {
  std::size_t size = 0;
  for (const Range& range : ranges_) size += std::size_t{range.last - range.first} + 1;
  return size;
}

bool CpuSet::contains(unsigned cpu) const {
  const auto range = std::ranges::lower_bound(ranges_, cpu, {}, &Range::last);
  return range != ranges_.end() && range->first <= cpu;
}

bool CpuSet::contains(const CpuSet& other) const {
  return (other - *this).empty();
}

bool CpuSet::intersects(const CpuSet& other) const {
  return !(*this & other).empty();
}

CpuSet& CpuSet::operator|=(const CpuSet& other) {
  if (this == &other) return *this;
  ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end());
  join();
  return *this;
}

CpuSet& CpuSet::operator&=(const CpuSet& other) {
  std::vector<Range> common;
  for (auto one = ranges_.cbegin(), two = other.ranges_.cbegin();
       one != ranges_.cend() && two != other.ranges_.end();) {
    const Range both{std::max(one->first, two->first), std::min(one->last, two->last)};
    if (both.first <= both.last) common.push_back(both);
    ++(one->last < two->last ? one : two);
  }
  ranges_ = std::move(common);
  return *this;
}

CpuSet& CpuSet::operator-=(const CpuSet& other) {
  std::vector<Range> rest;
  auto hole = other.ranges_.begin();
  for (Range range : ranges_) {
    while (hole != other.ranges_.end() && hole->last < range.first) ++hole;
    bool is_left = true;
    for (auto cut = hole; is_left && cut != other.ranges_.end() && cut->first <= range.last; ++cut) {
      if (range.first < cut->first) rest.push_back({range.first, cut->first - 1});
      is_left = cut->last < range.last;
      if (is_left) range.first = cut->last + 1;
    }
    if (is_left) rest.push_back(range);
  }
  ranges_ = std::move(rest);
  return *this;
}

}  // namespace gpupass
