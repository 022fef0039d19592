// SPDX-License-Identifier: LGPL-2.1-or-later
// How much memory QEMU may lock.
#include "guest/edit/domain.hpp"
#include "guest/model/guest_iommu.hpp"
#include "guest/text/values.hpp"

namespace gpupass {

/// Memory that a device reaches is pinned, all of it: a limit that leaves no room for it, and for QEMU
/// itself, keeps the guest from starting. libvirt too allows for 1 GiB.
void raise_limits(Definition& text) {
  constexpr std::uint64_t kOverhead = std::uint64_t{1} << 30;
  const std::uint64_t locked =
      bytes_of(text.child("memory")).value_or(0) * std::max<std::size_t>(times_locked(text.root()), 1);
  for (const char* name : {"hard_limit", "swap_hard_limit"}) {
    const pugi::xml_node limit = text.child("memtune").child(name);
    const auto present = bytes_of(limit);
    if (!limit || !present || *present >= locked + kOverhead) continue;
    const Size size = size_of(locked + kOverhead);
    pugi::xml_document scratch;
    pugi::xml_node wanted = scratch.append_child(name);
    wanted.append_attribute("unit") = size.unit.c_str();
    wanted.text() = size.number.c_str();
    text.replace(limit, wanted);
  }
}

}  // namespace gpupass
