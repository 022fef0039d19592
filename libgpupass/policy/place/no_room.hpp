// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/finding.hpp"

namespace gpupass {

/// What a guest lacks on some nodes: "node 0: saw 7 free cores, expected 8".
inline Finding no_room(const std::string& guest, const std::string& message, const std::string& remedy = {}) {
  return {"guest.room", Verdict::Fail, guest, message, remedy};
}

}  // namespace gpupass
