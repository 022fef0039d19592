// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/guest_iommu.hpp"

#include "guest/check/domain_check.hpp"
#include "guest/model/domain_xml.hpp"

namespace gpupass {

void check_iommu(DomainCheck& check) {
  if (!hides_mappings(iommu_of(check.domain())) || claimed_functions(check.domain()).empty()) return;
  check.fail(
      "domain.iommu",
      "<iommu model='intel'> is without caching_mode='on', and the guest has devices of the host: QEMU "
      "does not start",
      "set <driver caching_mode='on'/> in it, or take it out");
}

}  // namespace gpupass
