// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/assess.hpp"
#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"
#include "gpupass/placement.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/report.hpp"
#include "gpupass/request.hpp"
#include "gpupass/validate.hpp"

/// Lossless text forms: from_json(to_json(x)) == x. What programs show to users is in render.hpp.
#pragma GCC visibility push(default)
namespace gpupass {

std::string to_json(const Host& host);
std::string to_json(const Plan& plan);
std::string to_json(const Placement& placement);
std::string to_json(const Request& request);
std::string to_json(const Finding& finding);
std::string to_json(const Selection& selection);
std::string to_json(const Assessment& assessment);
std::string to_json(const Report& report);
std::string to_json(const Event& event);
std::string to_json(const GuestFacts& guest);
std::string to_json(const Baseline& baseline);
/// Its plan with the secrets of the guests: never for display.
std::string to_json(const Operation& operation);

/// Each reads what to_json() wrote, also that of earlier and later versions: a missing field that was added
/// later has its default, and an unknown field is ignored.
/// @throws Error Malformed, naming the key, what was seen and what was expected.
Host host_from_json(std::string_view text);
Plan plan_from_json(std::string_view text);
Placement placement_from_json(std::string_view text);
Request request_from_json(std::string_view text);
Finding finding_from_json(std::string_view text);
Selection selection_from_json(std::string_view text);
Assessment assessment_from_json(std::string_view text);
Report report_from_json(std::string_view text);
Event event_from_json(std::string_view text);
Operation operation_from_json(std::string_view text);
GuestFacts guest_facts_from_json(std::string_view text);
Baseline baseline_from_json(std::string_view text);

/// Many requests, as people and scripts write them: {"format": 1, "requests": [{"name": "a", "gpus": 2,
/// "vcpus": 16, "memory": "64G"}]}. Only the name is required, and no two names are equal. @throws Error
/// Malformed as above.
std::vector<Request> requests_from_json(std::string_view text);

}  // namespace gpupass
#pragma GCC visibility pop
