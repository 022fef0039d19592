// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/state.hpp"

/// What each boot cuts GPUs into: a declared state in gpupass's own file, of slices alone.
namespace gpupass {

/// By address. Empty: nothing. Unknown: the file is damaged, or cannot be read.
Fact<std::vector<DeclaredGpu>> recorded_slices(const Host& host);

/// What is recorded at this address, maybe of another card. nullptr: nothing.
const DeclaredGpu* recorded_at(const std::vector<DeclaredGpu>& recorded, PciAddress gpu);
/// Whether a record means this card.
bool is_record_of(const DeclaredGpu& record, const PciFunction& gpu);

/// What is to be recorded of a GPU. nullopt: no boot has anything to make.
std::optional<DeclaredGpu> record_of(const PciFunction& gpu, const DeclaredSlices& slices);
/// Whether that is recorded.
bool is_recorded(const std::vector<DeclaredGpu>& recorded, PciAddress gpu,
                 const std::optional<DeclaredGpu>& record);

/// Adds the step after which the file says the same as before of all other GPUs, and this of these: none if
/// it does already.
void add_record_step(Plan& plan, const std::vector<DeclaredGpu>& recorded,
                     const std::vector<std::pair<PciAddress, std::optional<DeclaredGpu>>>& records);

}  // namespace gpupass
