// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "gpupass/assess.hpp"
#include "gpupass/host.hpp"

namespace gpupass {

/// The link between a function and the port above it. A card in a slot of fewer lanes is not at fault: the
/// best is what both ends can. nullopt: it has no link of its own.
std::optional<LinkAssessment> link_above(const Host& host, const PciFunction& function);

}  // namespace gpupass
