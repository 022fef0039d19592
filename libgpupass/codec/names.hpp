// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "gpupass/apply.hpp"
#include "gpupass/pci.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/request.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// How JSON spells an enumeration.
template <typename Enum>
inline constexpr std::array<std::pair<Enum, std::string_view>, 0> kJsonNames{};

template <>
inline constexpr std::array kJsonNames<ExpressType>{
    std::pair{ExpressType::Endpoint, std::string_view("endpoint")},
    std::pair{ExpressType::LegacyEndpoint, std::string_view("legacy-endpoint")},
    std::pair{ExpressType::RootPort, std::string_view("root-port")},
    std::pair{ExpressType::UpstreamPort, std::string_view("upstream-port")},
    std::pair{ExpressType::DownstreamPort, std::string_view("downstream-port")},
    std::pair{ExpressType::PcieToPciBridge, std::string_view("pcie-to-pci-bridge")},
    std::pair{ExpressType::PciToPcieBridge, std::string_view("pci-to-pcie-bridge")},
    std::pair{ExpressType::RootComplexEndpoint, std::string_view("root-complex-endpoint")},
    std::pair{ExpressType::RootComplexEventCollector, std::string_view("root-complex-event-collector")},
};

template <>
inline constexpr std::array kJsonNames<Scope>{
    std::pair{Scope::Live, std::string_view("live")},
    std::pair{Scope::Config, std::string_view("config")},
};

template <>
inline constexpr std::array kJsonNames<Outcome>{
    std::pair{Outcome::Done, std::string_view("done")},
    std::pair{Outcome::Already, std::string_view("already")},
    std::pair{Outcome::RolledBack, std::string_view("rolled-back")},
    std::pair{Outcome::RollbackIncomplete, std::string_view("rollback-incomplete")},
    std::pair{Outcome::Pending, std::string_view("pending")},
    std::pair{Outcome::Wedged, std::string_view("wedged")},
};

template <>
inline constexpr std::array kJsonNames<Assumption::Kind>{
    std::pair{Assumption::Kind::Link, std::string_view("link")},
    std::pair{Assumption::Kind::Attribute, std::string_view("attribute")},
    std::pair{Assumption::Kind::Domain, std::string_view("domain")},
};

template <>
inline constexpr std::array kJsonNames<NumaPolicy>{
    std::pair{NumaPolicy::Required, std::string_view("required")},
    std::pair{NumaPolicy::Socket, std::string_view("socket")},
    std::pair{NumaPolicy::Preferred, std::string_view("preferred")},
};

template <>
inline constexpr std::array kJsonNames<BootTool>{
    std::pair{BootTool::InitramfsTools, std::string_view("initramfs-tools")},
    std::pair{BootTool::Dracut, std::string_view("dracut")},
};

/// The kinds of a change, in the order of the variant's alternatives.
inline constexpr auto kChangeKinds =
    std::to_array<std::string_view>({"home", "driver", "d3cold", "service", "persistence", "module", "domain",
                                     "metadata", "power", "device", "boot"});
static_assert(kChangeKinds.size() == std::variant_size_v<Change>, "each kind has a name");

}  // namespace gpupass
