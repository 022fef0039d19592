// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "gpupass/plan.hpp"
#include "values/hash.hpp"

namespace gpupass {

std::string fingerprint(const DomainXml* domain) {
  if (!domain) return "absent";
  return fmt::format("{}{}{}{} {:016x} {:016x}", domain->active ? "active" : "inactive",
                     domain->paused ? " paused" : "", domain->persistent ? " persistent" : "",
                     domain->autostart ? " autostart" : "", hash(domain->live_xml),
                     hash(domain->persistent_xml));
}

}  // namespace gpupass
