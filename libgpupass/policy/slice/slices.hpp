// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/assess.hpp"
#include "gpupass/host.hpp"
#include "gpupass/slices.hpp"

namespace gpupass {

/// A function and its virtual ones, as far as they are known.
std::vector<const PciFunction*> sliced_functions(const Host& host, const PciFunction& gpu);

/// The slices of these functions that exist, ascending by kind and device. `assessments` tell the states of
/// virtual functions.
std::vector<Slice> slices_of(const Host& host, const std::vector<const PciFunction*>& functions,
                             const std::vector<Assessment>& assessments);

}  // namespace gpupass
