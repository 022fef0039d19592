// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/plan.hpp"

/// What a plan would make of a host, were every step to succeed: enough for laws about plans alone.
namespace gpupass {

/// Stands for whichever driver the kernel finds.
inline constexpr const char* kKernelsChoice = "the-kernels-choice";

/// Drivers, overrides and records after a change; guests stay.
Host after(Host host, const Change& change);
/// After the first `count` steps.
Host after(Host host, const Plan& plan, std::size_t count);
inline Host after(const Host& host, const Plan& plan) {
  return after(host, plan, plan.steps.size());
}
/// After undoing the first `count` steps, last first.
Host undone(Host host, const Plan& plan, std::size_t count);

/// What its steps call themselves, in order.
std::vector<std::string> summaries(const Plan& plan);

}  // namespace gpupass
