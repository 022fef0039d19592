// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/config_space.hpp"

#include <algorithm>
#include <utility>

namespace gpupass {

ConfigSpace::ConfigSpace(std::string_view bytes) : size_(bytes.size()), bytes_(bytes) {}

ConfigSpace::ConfigSpace(std::string_view start, Fetch fetch) : ConfigSpace(start) {
  if (start.size() != kHeader) return;  // It is all that there is.
  fetch_ = std::move(fetch);
  size_ = kLargest;
  bytes_.resize(kLargest);
  keep(0, start);
}

void ConfigSpace::keep(std::size_t offset, std::string_view bytes) const {
  bytes = bytes.substr(0, kLargest - std::min(offset, kLargest));
  std::ranges::copy(bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
  for (std::size_t at = 0; at < bytes.size(); ++at) known_.set(offset + at);
}

bool ConfigSpace::know(std::size_t offset, std::size_t count) const {
  while (count > 0 && known_.test(offset + count - 1)) --count;
  return count == 0;
}

bool ConfigSpace::holds(std::size_t offset, std::size_t count) const {
  if (offset > size_ || count > size_ - offset) return false;
  if (!fetch_ || know(offset, count)) return true;
  keep(offset, fetch_(offset, count));
  if (know(offset, count)) return true;
  // It ends earlier: the kernel hands the header alone to who is not root.
  const std::string all = fetch_(0, kLargest);
  size_ = std::min(all.size(), kLargest);
  keep(0, all);
  return offset + count <= size_;
}

std::uint8_t ConfigSpace::u8(std::size_t offset) const {
  return static_cast<std::uint8_t>(holds(offset, 1) ? bytes_[offset] : '\0');
}

}  // namespace gpupass
