// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)
namespace gpupass {

/// A set of logical CPUs (or NUMA nodes), by the kernel's numbers. Iterates in ascending order.
class CpuSet {
 public:
  CpuSet() = default;
  CpuSet(std::initializer_list<unsigned> cpus);

  /// Reads the kernel's list form, "0-3,8". The empty text is the empty set.
  /// @returns nullopt when `text` is anything else, or names a CPU above 65535.
  static std::optional<CpuSet> parse(std::string_view text);
  /// The kernel's list form: parsing it gives back an equal set.
  std::string to_string() const;

  void insert(unsigned cpu);
  bool contains(unsigned cpu) const;
  bool contains(const CpuSet& other) const;
  bool intersects(const CpuSet& other) const;
  bool empty() const { return cpus_.empty(); }
  std::size_t size() const { return cpus_.size(); }
  unsigned front() const { return cpus_.front(); }

  CpuSet& operator|=(const CpuSet& other);
  CpuSet& operator&=(const CpuSet& other);
  CpuSet& operator-=(const CpuSet& other);
  friend CpuSet operator|(CpuSet left, const CpuSet& right) { return left |= right; }
  friend CpuSet operator&(CpuSet left, const CpuSet& right) { return left &= right; }
  friend CpuSet operator-(CpuSet left, const CpuSet& right) { return left -= right; }

  auto begin() const { return cpus_.begin(); }
  auto end() const { return cpus_.end(); }

  friend bool operator==(const CpuSet&, const CpuSet&) = default;

 private:
  std::vector<unsigned> cpus_;  // Ascending, each once.
};

}  // namespace gpupass
#pragma GCC visibility pop
