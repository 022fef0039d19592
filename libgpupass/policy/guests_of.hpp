// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"

namespace gpupass {

/// The guests of a device, as their definitions say.
struct GuestsOf {
  std::string running;                 ///< The last one that runs with it. Empty: none does.
  std::vector<std::string> wanted_by;  ///< Those that start with it.
};
/// Nobody, where the guests are not known.
GuestsOf guests_of(const Host& host, DeviceId device);

}  // namespace gpupass
