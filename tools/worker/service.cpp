// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <fstream>
#include <string>

#include "gpupass/error.hpp"
#include "operations.hpp"
#include "program.hpp"

using gpupass::Error;
using gpupass::ErrorCode;
using nlohmann::json;

namespace {

constexpr char kSystemctl[] = "/bin/systemctl";

/// A service, by a name that systemctl cannot take for a pattern or a path.
std::string unit_in(const Request& request) {
  const std::string unit = request.text("unit");
  const bool plain = unit.find_first_not_of(
                         "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_.@-") == unit.npos;
  if (plain && unit.ends_with(".service") && !unit.starts_with('-') && !unit.starts_with('.')) return unit;
  throw Error(ErrorCode::Usage, unit, fmt::format("cannot use {:?}: expected the name of a service", unit));
}

Ended run_systemctl(const char* verb, const std::string& unit) {
  return run_program({kSystemctl, "--quiet", "--no-ask-password", verb, "--", unit});
}

/// Where systemd keeps the service's processes together. Empty: it has none.
std::string control_group(const std::string& unit) {
  std::string path =
      run_program({kSystemctl, "show", "--property=ControlGroup", "--value", "--", unit}).output;
  while (path.ends_with('\n')) path.pop_back();
  return path;
}

bool has_processes(const std::string& group) {
  if (group.empty()) return false;
  std::ifstream events("/sys/fs/cgroup" + group + "/cgroup.events");
  for (std::string line; std::getline(events, line);)
    if (line == "populated 1") return true;
  // With the first version of control groups systemd has a hierarchy of its own.
  std::ifstream processes("/sys/fs/cgroup/systemd" + group + "/cgroup.procs");
  std::string process;
  return static_cast<bool>(std::getline(processes, process));
}

}  // namespace

json service_running(const Request& request) {
  return run_systemctl("is-active", unit_in(request)).status == 0;
}

json set_service(const Request& request) {
  const std::string unit = unit_in(request);
  const bool start = request.says("running");
  const char* verb = start ? "start" : "stop";
  const std::string group = start ? std::string() : control_group(unit);
  const Ended ended = run_systemctl(verb, unit);
  if (ended.status != 0) {
    const std::string why = ended.complaint.empty() ? end_of("systemctl", ended) : ended.complaint;
    throw Error(ErrorCode::System, unit, fmt::format("cannot {} {}: {}", verb, unit, why));
  }
  // Some services leave what they started behind, with all that it has open.
  if (has_processes(group))
    throw Error(ErrorCode::System, unit, fmt::format("cannot stop {}: processes of it go on", unit));
  return nullptr;
}
