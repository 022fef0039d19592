// SPDX-License-Identifier: GPL-2.0-or-later
//
// Services are started and stopped by systemctl, not by sd-bus: as root it reaches systemd also where no
// D-Bus runs.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "gpupass/error.hpp"
#include "operations.hpp"
#include "program.hpp"
#include "values/tunables.hpp"

namespace gpupass {

namespace {

constexpr char kSystemctl[] = "/bin/systemctl";

/// Services, and login sessions, which systemd runs as scopes.
/// @throws Error Usage for a name that systemctl could take for a pattern, a path or an option.
void expect_service(const std::string& unit) {
  const bool plain = unit.find_first_not_of(
                         "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_.@-") == unit.npos;
  const bool typed = unit.ends_with(".service") || unit.ends_with(".scope");
  if (plain && typed && !unit.starts_with('-') && !unit.starts_with('.')) return;
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

/// Empty also where there is no such file.
std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

void set_allowed_cpus(const std::string& unit, const std::string& cpus) {
  const Ended ended = run_program({kSystemctl, "--quiet", "--no-ask-password", "--runtime", "set-property",
                                   "--", unit, "AllowedCPUs=" + cpus});
  if (ended.status == 0) return;
  const std::string why = why_failed("systemctl", ended);
  throw Error(ErrorCode::System, unit, fmt::format("cannot set the CPUs of {}: {}", unit, why));
}

/// systemd answers before it has done it.
void wait_for_cpus(const std::string& unit, const std::string& cpus) {
  constexpr std::chrono::milliseconds kPause{20};
  const std::string path = path_of(Tunable{Tuning::Services, unit});
  for (int tries = 0; tries < 100 && first_line(path) != cpus; ++tries) std::this_thread::sleep_for(kPause);
}

}  // namespace

Fact<bool> answer(const ServiceQuestion& question) {
  expect_service(question.unit);
  if (access(kSystemctl, X_OK) != 0 && errno == ENOENT)
    return false;  // Another init runs no unit of systemd.
  return run_systemctl("is-active", question.unit).status == 0;
}

void carry_out(const ServiceOrder& order) {
  const std::string& unit = order.unit;
  expect_service(unit);
  const char* verb = order.running ? "start" : "stop";
  const std::string group = order.running ? std::string() : control_group(unit);
  const Ended ended = run_systemctl(verb, unit);
  if (ended.status != 0) {
    const std::string why = why_failed("systemctl", ended);
    throw Error(ErrorCode::System, unit, fmt::format("cannot {} {}: {}", verb, unit, why));
  }
  // Some services leave processes behind that still have devices open.
  if (has_processes(group))
    throw Error(ErrorCode::System, unit, fmt::format("cannot stop {}: processes of it go on", unit));
}

/// systemd forgets it with the next boot. A unit that is to have no CPUs set gets all of them first: it keeps
/// its set for as long as another unit has one.
void carry_out(const AllowedCpusOrder& order) {
  const std::string& unit = order.unit;
  if (std::ranges::find(kServiceUnits, unit) == std::end(kServiceUnits))
    throw Error(ErrorCode::Usage, unit,
                fmt::format("cannot use {:?}: expected one of {}", unit, fmt::join(kServiceUnits, ", ")));
  const std::string cpus = order.cpus.empty() ? first_line(kOnlineCpus) : order.cpus.to_string();
  set_allowed_cpus(unit, cpus);
  wait_for_cpus(unit, cpus);
  if (order.cpus.empty()) set_allowed_cpus(unit, "");
}

}  // namespace gpupass
