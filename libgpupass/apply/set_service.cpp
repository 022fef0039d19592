// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/failure.hpp"
#include "apply/perform.hpp"

namespace gpupass {

void perform(Access& access, const SetService& change) {
  const auto runs = [&] {
    const Fact<bool> running = access.look().ask(ServiceQuestion{change.unit});
    if (!running) throw failure(ErrorCode::System, "ask for", change.unit, running.why(), "whether it runs");
    return *running;
  };
  if (runs() == change.running) return;
  access.touch().carry_out(ServiceOrder{change.unit, change.running});
  if (runs() != change.running)
    throw failure(ErrorCode::System, change.running ? "start" : "stop", change.unit,
                  change.running ? "it ended at once" : "it is running still",
                  change.running ? "it running" : "it ended");
}

}  // namespace gpupass
