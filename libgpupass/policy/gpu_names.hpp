// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/names.hpp"

/// What people call a single GPU, beside its whole address.
namespace gpupass {

/// The GPUs that a word may mean: the one to which the user gave that name; else those whose UUID or serial
/// number it is; else, if it has three characters or more, those whose address or UUID begins with it, and
/// those whose model's name has it. In any case of letters. Virtual functions are meant only where no
/// physical GPU is.
std::vector<const PciFunction*> gpus_called(const Host& host, std::string_view word,
                                            const NameLookup& lookup);

}  // namespace gpupass
