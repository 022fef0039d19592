// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/assess.hpp"
#include "gpupass/host.hpp"
#include "render/text/table.hpp"

/// What `status` and the drawings say in few words.
namespace gpupass {

/// "free (nvidia)", "in guest1", "no: boot-display".
TextCell state_words(const Host& host, const Assessment& gpu);
/// "IOMMU on", "no IOMMU is active".
std::string iommu_words(const Host& host);

}  // namespace gpupass
