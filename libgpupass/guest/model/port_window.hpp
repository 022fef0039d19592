// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "gpupass/host.hpp"
#include "values/round_up.hpp"

/// The addresses that a guest's port passes to the device behind it. Firmware sizes the windows for the
/// devices present when the guest starts; for later devices it reserves what it is told to, or almost
/// nothing.
namespace gpupass {

/// One of the two kinds of memory windows of a port, as devices are counted into it.
class Window {
 public:
  void add(std::uint64_t bytes) {
    bytes = std::min(bytes, kLargest);
    sum_ = std::min(sum_ + bytes, kLargest);
    largest_ = std::max(largest_, bytes);
  }
  /// The largest, a power of two or a multiple of one, decides where all of them together may begin, and what
  /// lies beside them.
  std::uint64_t aligned() const { return empty() ? 0 : round_up(sum_, largest_); }
  /// What UEFI gives them, at a multiple of the alignment: it puts the largest first, and rounds to whole MiB
  /// (CalculateResourceAperture() of edk2's PciBusDxe).
  std::uint64_t packed() const { return round_up(sum_, kUnit); }
  std::uint64_t alignment() const { return std::max(std::bit_ceil(largest_), kUnit); }
  /// A window of this size holds all of them wherever it begins: UEFI aligns a reserved window to its size,
  /// SeaBIOS does not.
  std::uint64_t anywhere() const {
    if (empty()) return 0;
    const std::uint64_t others = sum_ - largest_;
    return std::min(2 * std::bit_ceil(others <= largest_ / 2 ? largest_ : sum_), kLargest);
  }

  static constexpr std::uint64_t kLargest = std::uint64_t{1} << 51;  // Half of what any x86 CPU addresses.

 private:
  bool empty() const { return largest_ == 0; }

  static constexpr std::uint64_t kUnit = std::uint64_t{1} << 20;

  std::uint64_t sum_ = 0;
  std::uint64_t largest_ = 0;
};

struct PortWindows {
  Window low;   ///< Below 4 GiB: what has 32 bits of address, and what must not be prefetched.
  Window high;  ///< Prefetchable, of 64 bits.

  void add(const PciFunction& function) {
    if (!function.bars) return;
    for (const Bar& bar : *function.bars)
      if (bar.memory) (bar.is_64bit && bar.prefetchable ? high : low).add(bar.size_bytes);
  }
};

/// What firmware keeps for a port behind which nothing is yet: SeaBIOS of each kind, UEFI below 4 GiB; above,
/// UEFI keeps nothing, or a 256th part of a window of more than 32 GiB.
inline constexpr std::uint64_t kKeptUnasked = std::uint64_t{2} << 20;

/// The properties of QEMU's ports that ask for more.
inline constexpr const char* kKeepLow = "mem-reserve";
inline constexpr const char* kKeepHigh = "pref64-reserve";
/// 0: no I/O ports. Else firmware keeps 4 KiB of them for each port, out of 40 KiB.
inline constexpr const char* kKeepIo = "io-reserve";
inline constexpr std::size_t kMostWithIo = 10;

}  // namespace gpupass
