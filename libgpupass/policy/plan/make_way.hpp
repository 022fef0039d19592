// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/plan.hpp"
#include "policy/plan/quiesce.hpp"

namespace gpupass {

/// What of the host makes way for functions that leave their drivers: services, sessions, the kernel's
/// consoles and the firmware's framebuffer.
class MakeWay {
 public:
  /// `stop` names services that may be stopped.
  /// @throws Error Refused when gpupass itself runs in a session that would end.
  MakeWay(const Host& host, const std::vector<PciAddress>& leaving, const std::vector<std::string>& stop);

  /// What the function's record says of it.
  MadeWay record_of(const PciFunction& function) const;
  /// Stops all of it.
  void clear(Plan& plan) const;
  /// Starts again what has other GPUs to serve, and notes what stays stopped.
  void wake_up(Plan& plan) const;

 private:
  bool is_needed(const std::string& unit) const;
  const DeviceUse* use_of(PciAddress function, DeviceUse::Kind kind) const;

  const Host& host_;
  const std::vector<PciAddress>& leaving_;
  Quiet quiet_;
  bool display_stays_;
  bool console_ = false;
};

/// Shows again what was recorded when the function is back on its driver.
void show_again(Plan& plan, const MadeWay& made_way);
/// Starts these services, which stayed stopped while functions were away.
void start_again(Plan& plan, const std::vector<std::string>& services);

}  // namespace gpupass
