// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/perform.hpp"

#include <type_traits>
#include <variant>

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

}  // namespace gpupass
