// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/host.hpp"

namespace gpupass {

/// How to take the firmware's framebuffer off a card: now, and on every boot. `owner` is what the kernel
/// calls the owner of its memory: "simpledrm", or "BOOTFB" while no driver has it.
std::string framebuffer_remedy(const Host& host, std::string_view owner);

}  // namespace gpupass
