// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace gpupass {

/// The configuration space of a function, little-endian. On a real machine each double word is a question to
/// the device, so what is not looked at is not read.
class ConfigSpace {
 public:
  /// Reads bytes from an offset on: as many as that, or all that are left, or more where they cost nothing.
  using Fetch = std::function<std::string(std::size_t offset, std::size_t count)>;
  static constexpr std::size_t kHeader = 64, kLargest = 4096;

  /// All bytes that there are.
  explicit ConfigSpace(std::string_view bytes);
  /// `start`: at least the header, or all that there is.
  ConfigSpace(std::string_view start, Fetch fetch);

  /// How many bytes can be read.
  std::size_t size() const { return size_; }
  bool holds(std::size_t offset, std::size_t count) const;
  /// Of bytes that it holds.
  std::uint8_t u8(std::size_t offset) const;
  std::uint16_t u16(std::size_t offset) const {
    return static_cast<std::uint16_t>(u8(offset) | u8(offset + 1) << 8);
  }
  std::uint32_t u32(std::size_t offset) const {
    return u16(offset) | static_cast<std::uint32_t>(u16(offset + 2)) << 16;
  }

 private:
  void keep(std::size_t offset, std::string_view bytes) const;
  bool know(std::size_t offset, std::size_t count) const;

  Fetch fetch_;
  mutable std::size_t size_;  // As far as it is known.
  mutable std::string bytes_;
  mutable std::bitset<kLargest> known_;
};

}  // namespace gpupass
