// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "gpupass/domain.hpp"
#include "gpupass/host.hpp"
#include "gpupass/pci.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/report.hpp"
#include "gpupass/request.hpp"

namespace gpupass {

/// The kinds of a change, in the order of the variant's alternatives.
inline constexpr auto kChangeKinds =
    std::to_array<std::string_view>({"home", "driver", "d3cold", "service", "persistence", "module", "domain",
                                     "metadata", "power", "device", "boot"});
static_assert(kChangeKinds.size() == std::variant_size_v<Change>, "each kind has a name");

}  // namespace gpupass
