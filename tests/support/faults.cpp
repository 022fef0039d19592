// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/faults.hpp"

#include "system/files/errno_text.hpp"

namespace gpupass {

void Faults::change(std::string_view verb, std::string_view subject,
                    const std::function<void()>& take_effect) {
  const auto fault = planned_.find(count_++);
  if (fault == planned_.end()) return take_effect();
  if (fault->second.effect == Effect::Full) take_effect();
  if (!fault->second.error_number) throw Crash{};
  if (*fault->second.error_number == kLost)
    throw Error(ErrorCode::Unavailable, std::string(subject), "cannot reach the hypervisor");
  throw system_error(verb, subject, *fault->second.error_number);
}

}  // namespace gpupass
