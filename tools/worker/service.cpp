// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <sys/wait.h>

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
  const bool plain = unit.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_.@-") ==
                     unit.npos;
  if (plain && unit.ends_with(".service") && !unit.starts_with('-') && !unit.starts_with('.')) return unit;
  throw Error(ErrorCode::Usage, unit, fmt::format("cannot use {:?}: expected the name of a service", unit));
}

Ended run_systemctl(const char* verb, const std::string& unit) {
  return run_program({kSystemctl, "--quiet", "--no-ask-password", verb, "--", unit});
}

}  // namespace

json service_running(const Request& request) {
  return run_systemctl("is-active", unit_in(request)).status == 0;
}

json set_service(const Request& request) {
  const std::string unit = unit_in(request);
  const char* verb = request.says("running") ? "start" : "stop";
  const Ended ended = run_systemctl(verb, unit);
  if (ended.status == 0) return nullptr;
  throw Error(ErrorCode::System, unit,
              fmt::format("cannot {} {}: {}", verb, unit,
                          ended.complaint.empty() ? fmt::format("systemctl ended with status {}", ended.status)
                                                  : ended.complaint));
}
