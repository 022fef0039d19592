// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "gpupass/error.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// What the worker's answers mean. Each throws Error Malformed when they have another form.
CpuTopology cpu_topology_from(const nlohmann::json& answer);
DomainXml domain_from(const nlohmann::json& answer);
std::vector<DomainXml> domains_from(const nlohmann::json& answer);
/// The aliases of the devices that a guest has refused to let go of.
std::vector<std::string> refusals_from(const nlohmann::json& answer);
/// Why the worker could not tell.
std::string reason_from(const nlohmann::json& answer);
/// The error that the worker reports.
Error error_from(const nlohmann::json& answer);

}  // namespace gpupass
