// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/preparation.hpp"

namespace gpupass {

/// What gpupass's files make of every boot. Unknown: one of them cannot be read, or somebody else wrote it.
Fact<Preparation> preparation_of(const Host& host);

/// What of a preparation this boot does not have: "the kernel runs without intel_iommu=on". Empty: it has
/// all, or nobody can tell.
std::vector<std::string> not_in_effect(const Host& host, const Preparation& preparation);

/// What of these options the kernel runs without, in their order.
std::vector<std::string> without_those_of_kernel(const Host& host, std::vector<std::string> options);

}  // namespace gpupass
