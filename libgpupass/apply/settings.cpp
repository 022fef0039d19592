// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "apply/absence.hpp"
#include "apply/perform.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

namespace {

std::string allowed(const System& system, const std::string& path) {
  const Fact<std::string> text = system.read(path);
  if (!text)
    throw failure(ErrorCode::System, "read", path, text.unknown() ? text.why() : "no such file", "0 or 1");
  return *text;
}

}  // namespace

/// The write wakes the device, and a broken device may never answer: so the write has a deadline.
void perform(Access& access, const SetD3cold& change) {
  const std::string path = sysfs_path(change.device, "d3cold_allowed");
  const std::string wanted = change.allowed ? "1" : "0";
  if (allowed(access.look(), path) == wanted) return;
  access.touch().write_guarded(path, wanted);
  if (const std::string now = allowed(access.look(), path); now != wanted)
    throw failure(ErrorCode::System, "write", path, now, wanted);
}

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
                  change.running ? "it stop at once" : "it still running",
                  change.running ? "it running" : "it stopped");
}

/// Nothing is read back, because a module does not say which drivers it has. The steps that need one will
/// notice.
void perform(Access& access, const LoadModule& change) {
  std::string module = change.module, driver = change.module;
  std::ranges::replace(module, '-', '_');  // The kernel's spelling of modules,
  std::ranges::replace(driver, '_', '-');  // and that of most drivers, which may be built in.
  for (const std::string& folder : {"/sys/module/" + module, "/sys/bus/pci/drivers/" + driver})
    if (access.look().list(folder)) return;
  access.load_module(change.module);
}

}  // namespace gpupass
