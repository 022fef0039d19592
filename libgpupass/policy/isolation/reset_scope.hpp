// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"

namespace gpupass {

/// What is reset together with a function.
struct ResetScope {
  enum class Kind {
    Unknown,
    None,      ///< It cannot be reset.
    Function,  ///< Itself alone.
    Closure,   ///< Its bus, and nothing is on that which does not move with it.
    Wider,     ///< Its bus, with others that stay.
  };
  Kind kind = Kind::Unknown;
  std::vector<PciAddress> others;  ///< Those that stay.
};
ResetScope reset_scope(const Host& host, const PciFunction& function);

}  // namespace gpupass
