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

/// What a file of mig-parted declares for GPUs of this host: --mig-config, and --label.
void describe_mig_file_options(po::options_description& options);
std::vector<MigWish> mig_wishes_of_file(const Invocation& invocation, const Host& host);

/// The values of an option that may be repeated, and have commas between them. @throws Error Usage for an
/// empty one.
std::vector<std::string> parts_of(const Invocation& invocation, const std::string& option,
                                  const std::string& expected);

/// What the options want of each GPU. `gpus` are those that the arguments name; without any, those that can
/// have MIG instances, or those that a file's entries match. The instances that a GPU has are those that the
/// user names, or else those that the host has.
std::vector<MigWish> mig_wishes_of(const Invocation& invocation, const Host& host,
                                   const std::vector<PciAddress>& gpus);

}  // namespace gpupass
