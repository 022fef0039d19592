// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/plan.hpp"

namespace gpupass {

bool changes_guest(const Change& change) {
  return std::holds_alternative<SetDomain>(change) || std::holds_alternative<SetMetadata>(change) ||
         std::holds_alternative<SetPower>(change) || std::holds_alternative<SetDevice>(change);
}

}  // namespace gpupass
