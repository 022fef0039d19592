// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

namespace gpupass {

/// Does it again each second while another gpupass, or the host itself, is in the way, for twenty times at
/// most: as it returns kBusy, or throws Error Busy. @returns the exit status of the last time.
int again_while_busy(const std::function<int()>& once);

}  // namespace gpupass
