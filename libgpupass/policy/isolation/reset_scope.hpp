// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
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
    Bus,       ///< Its bus, and nothing is on that which stays.
    Wider,     ///< Its bus, with others that stay.
  };
  Kind kind = Kind::Unknown;
  std::vector<PciAddress> others;  ///< Those that stay.
};
/// `leaving` moves with it, ascending.
ResetScope reset_scope(const Host& host, const PciFunction& function, const std::vector<PciAddress>& leaving);

/// The method by which the kernel resets the function and no other one: one of its own, or that of its bus
/// where nothing else is on that. The kernel's order decides. nullopt: there is none, or it is not known.
std::optional<std::string> lone_reset_method(const Host& host, const PciFunction& function);

}  // namespace gpupass
