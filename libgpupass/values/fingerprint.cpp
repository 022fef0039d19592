// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "gpupass/plan.hpp"

namespace gpupass {

namespace {

/// FNV-1a, 64 bits: tells that a text changed, and protects against nobody.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return value;
}

}  // namespace

std::string fingerprint(const DomainXml* domain) {
  if (!domain) return "absent";
  return fmt::format("{}{}{}{} {:016x} {:016x}", domain->active ? "active" : "inactive",
                     domain->paused ? " paused" : "", domain->persistent ? " persistent" : "",
                     domain->autostart ? " autostart" : "", hash(domain->live_xml),
                     hash(domain->persistent_xml));
}

}  // namespace gpupass
