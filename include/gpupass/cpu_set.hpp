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

/// A set of logical CPUs (or NUMA nodes), by the kernel's numbers. Iterates in ascending order. It is kept as
/// ranges: "0-65535" takes as little room and time as "0".
class CpuSet {
  struct Range {
    unsigned first = 0;
    unsigned last = 0;
    friend bool operator==(const Range&, const Range&) = default;
  };

 public:
  /// Visits each member.
  class Iterator {
   public:
    using value_type = unsigned;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    unsigned operator*() const { return range_->first + offset_; }
    Iterator& operator++() {
      if (**this != range_->last) {
        ++offset_;
      } else {
        ++range_;
        offset_ = 0;
      }
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    friend class CpuSet;
    explicit Iterator(const Range* range) : range_(range) {}

    const Range* range_ = nullptr;
    unsigned offset_ = 0;
  };

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
  bool empty() const { return ranges_.empty(); }
  std::size_t size() const;
  unsigned front() const { return ranges_.front().first; }

  CpuSet& operator|=(const CpuSet& other);
  CpuSet& operator&=(const CpuSet& other);
  CpuSet& operator-=(const CpuSet& other);
  friend CpuSet operator|(CpuSet left, const CpuSet& right) { return left |= right; }
  friend CpuSet operator&(CpuSet left, const CpuSet& right) { return left &= right; }
  friend CpuSet operator-(CpuSet left, const CpuSet& right) { return left -= right; }

  Iterator begin() const { return Iterator(ranges_.data()); }
  Iterator end() const { return Iterator(ranges_.data() + ranges_.size()); }

  friend bool operator==(const CpuSet&, const CpuSet&) = default;

 private:
  void join();

  std::vector<Range> ranges_;  // Ascending, with a gap between each two.
};

}  // namespace gpupass
#pragma GCC visibility pop
