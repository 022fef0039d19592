// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Written by hand: the bitmaps of hwloc would bring hwloc into the process of each program that links this
// library.
#include "gpupass/cpu_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "values/number.hpp"

namespace gpupass {

namespace {
constexpr unsigned kHighestCpu = 65535;  // Far above the kernel's NR_CPUS limit of 8192.
}

CpuSet::CpuSet(std::initializer_list<unsigned> cpus) {
  for (const unsigned cpu : cpus) insert(cpu);
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
    for (unsigned cpu = *first; cpu <= *last; ++cpu) set.insert(cpu);
    if (comma == text.npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) return std::nullopt;
  }
  return set;
}

std::string CpuSet::to_string() const {
  std::string text;
  for (auto first = cpus_.begin(); first != cpus_.end();) {
    auto last = first;
    while (std::next(last) != cpus_.end() && *std::next(last) == *last + 1) ++last;
    if (!text.empty()) text += ',';
    text += first == last ? fmt::to_string(*first) : fmt::format("{}-{}", *first, *last);
    first = std::next(last);
  }
  return text;
}

void CpuSet::insert(unsigned cpu) {
  const auto place = std::ranges::lower_bound(cpus_, cpu);
  if (place == cpus_.end() || *place != cpu) cpus_.insert(place, cpu);
}

bool CpuSet::contains(unsigned cpu) const {
  return std::ranges::binary_search(cpus_, cpu);
}

bool CpuSet::contains(const CpuSet& other) const {
  return std::ranges::includes(cpus_, other.cpus_);
}

bool CpuSet::intersects(const CpuSet& other) const {
  return std::ranges::any_of(other.cpus_, [this](unsigned cpu) { return contains(cpu); });
}

CpuSet& CpuSet::operator|=(const CpuSet& other) {
  std::vector<unsigned> result;
  std::ranges::set_union(cpus_, other.cpus_, std::back_inserter(result));
  cpus_ = std::move(result);
  return *this;
}

CpuSet& CpuSet::operator&=(const CpuSet& other) {
  std::vector<unsigned> result;
  std::ranges::set_intersection(cpus_, other.cpus_, std::back_inserter(result));
  cpus_ = std::move(result);
  return *this;
}

CpuSet& CpuSet::operator-=(const CpuSet& other) {
  std::vector<unsigned> result;
  std::ranges::set_difference(cpus_, other.cpus_, std::back_inserter(result));
  cpus_ = std::move(result);
  return *this;
}

}  // namespace gpupass
