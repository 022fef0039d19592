// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <unistd.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpupass/fact.hpp"

namespace gpupass {

/// An open file descriptor, closed with its owner. Negative: none.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Fd() {
    if (number_ >= 0) close(number_);
  }

  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  /// Gives the descriptor away.
  int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

/// No file of a machine is larger: /proc/interrupts of 512 CPUs has about 8 MiB, a sysfs attribute at most 4
/// KiB.
inline constexpr std::size_t kLargestFile = 16 << 20;

/// The rest of an open file without its last newline; unknown where it has more than `limit` bytes. `path` is
/// what messages name.
Fact<std::string> read_file(const Fd& file, std::string_view path, std::size_t limit = kLargestFile);
/// The names in an open directory, ascending, without "." and "..".
Fact<std::vector<std::string>> read_directory(Fd directory, std::string_view path);
/// The target of the symbolic link `name`, below the open directory `at` where it is relative.
Fact<std::string> read_link(int at, const std::string& name, std::string_view path);

/// Writes all of it. @returns 0, or the errno.
int write_all(const Fd& file, std::string_view content);

}  // namespace gpupass
