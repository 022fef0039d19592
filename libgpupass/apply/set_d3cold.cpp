// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/failure.hpp"
#include "apply/perform.hpp"

namespace gpupass {

namespace {

std::string allowed(const System& system, const std::string& path) {
  const Fact<std::string> text = system.read(path);
  if (!text)
    throw failure(ErrorCode::System, "read", path, text.unknown() ? text.why() : "no such file", "0 or 1");
  return *text;
}

}  // namespace

/// The write wakes the device, which one that is broken may never answer: so it is made behind a deadline.
void perform(Access& access, const SetD3cold& change) {
  const std::string path = fmt::format("/sys/bus/pci/devices/{}/d3cold_allowed", change.device.to_string());
  const std::string wanted = change.allowed ? "1" : "0";
  if (allowed(access.look(), path) == wanted) return;
  access.touch().write_guarded(path, wanted);
  if (const std::string now = allowed(access.look(), path); now != wanted)
    throw failure(ErrorCode::System, "write", path, now, wanted);
}

}  // namespace gpupass
