// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "gpupass/host.hpp"

namespace gpupass {

/// A mediated device that is there.
struct PresentMediated {
  const PciFunction* parent = nullptr;
  const MediatedType* type = nullptr;
};
/// @returns nullopt where no function that was asked has it.
std::optional<PresentMediated> find_mediated(const Host& host, const std::string& uuid);

/// What mdevctl keeps of it. @returns nullptr where that is nothing, or not known.
const MediatedDefinition* find_mediated_definition(const Host& host, const std::string& uuid);

}  // namespace gpupass
