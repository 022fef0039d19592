// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "gpupass/mig.hpp"
#include "invocation.hpp"

/// What a user says of the MIG instances that GPUs are to have.
namespace gpupass {

void describe_mig_options(po::options_description& options);

/// Whether the command line is about MIG instances. @throws Error Usage for options that do not go together.
bool asks_for_mig(const Invocation& invocation);

/// What the options want of each GPU. `gpus` are those that the arguments name; without any, those that can
/// have MIG instances, or those that a file's entries match.
std::vector<MigWish> mig_wishes_of(const Invocation& invocation, const Host& host,
                                   const std::vector<PciAddress>& gpus);

}  // namespace gpupass
