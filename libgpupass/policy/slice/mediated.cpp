// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/slice/mediated.hpp"

#include <algorithm>

namespace gpupass {

std::optional<PresentMediated> find_mediated(const Host& host, const std::string& uuid) {
  for (const PciFunction& function : host.functions) {
    if (!function.slicing || !function.slicing->mediated_types) continue;
    for (const MediatedType& type : *function.slicing->mediated_types)
      if (type.devices && std::ranges::binary_search(*type.devices, uuid))
        return PresentMediated{&function, &type};
  }
  return std::nullopt;
}

const MediatedDefinition* find_mediated_definition(const Host& host, const std::string& uuid) {
  if (!host.mediated_definitions) return nullptr;
  const auto found = std::ranges::find(*host.mediated_definitions, uuid, &MediatedDefinition::uuid);
  return found == host.mediated_definitions->end() ? nullptr : &*found;
}

}  // namespace gpupass
