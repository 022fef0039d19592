// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether QEMU may lock the guest's memory, which its devices reach at any time.
#include <fmt/format.h>

#include "gpupass/units.hpp"
#include "guest/check/domain_check.hpp"
#include "guest/model/guest_iommu.hpp"
#include "guest/text/values.hpp"

namespace gpupass {

/// <hard_limit> is the limit of locked memory too: qemuDomainGetMemLockLimitBytes() of libvirt.
void check_locked_memory(DomainCheck& check) {
  const auto limit = bytes_of(check.domain().child("memtune").child("hard_limit"));
  const auto memory = bytes_of(check.domain().child("memory"));
  const std::size_t times = times_locked(check.domain());
  if (!limit || !memory || times == 0 || *limit / times >= *memory) return;
  check.fail(
      "domain.locked-short",
      fmt::format("<hard_limit> of {} is less than the guest's memory of {}, all of which is locked for "
                  "its devices{}: QEMU does not start",
                  format_size(*limit), format_size(*memory),
                  times == 1 ? "" : fmt::format(", {} times behind its own IOMMU", times)),
      "remove it, or leave 1 GiB beside the guest's memory and what QEMU needs itself");
}

}  // namespace gpupass
