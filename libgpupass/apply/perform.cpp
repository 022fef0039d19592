// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/perform.hpp"

#include <type_traits>
#include <variant>

#include "gpupass/error.hpp"

namespace gpupass {

Progressed perform(Access& access, const Change& change) {
  return std::visit(
      [&access](const auto& kind) {
        if constexpr (std::is_same_v<decltype(kind), const SetDevice&>) {
          return perform(access, kind);
        } else {
          perform(access, kind);
          return Progressed::Reached;
        }
      },
      change);
}

/// The performer knows its state: if it finds nothing to change, the state is reached.
std::optional<bool> found_reached(System& system, const Change& change) {
  Access access(system, Access::Mode::Look);
  try {
    return perform(access, change) == Progressed::Reached;
  } catch (const WouldChange&) {
    return false;
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool is_reached(System& system, const Change& change) {
  return found_reached(system, change).value_or(false);
}

}  // namespace gpupass
