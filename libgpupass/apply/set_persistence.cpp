// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/failure.hpp"
#include "apply/perform.hpp"

namespace gpupass {

void perform(Access& access, const SetPersistence& change) {
  const std::string name = change.device.to_string();
  const auto mode = [&] {
    const auto modes = access.look().ask(PersistenceQuestion{{change.device}});
    const Fact<bool> on = modes && !modes->empty() ? modes->front().on : modes.without_value<bool>();
    if (!on)
      throw failure(ErrorCode::System, "read the persistence mode of", name, on.unknown() ? on.why() : "none",
                    "on or off");
    return *on;
  };
  if (mode() == change.on) return;
  access.touch().carry_out(PersistenceOrder{change.device, change.on});
  if (mode() != change.on)
    throw failure(ErrorCode::System, "set the persistence mode of", name, change.on ? "off" : "on",
                  change.on ? "on" : "off");
}

}  // namespace gpupass
