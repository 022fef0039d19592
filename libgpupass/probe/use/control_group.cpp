// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/control_group.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "probe/folder.hpp"

namespace gpupass {

namespace {

constexpr const char* kSessions = "/run/systemd/sessions";

/// The first unit of the process that fits, in a slice at the top: of "0::/system.slice/dcgm.service" the
/// service. Empty: none.
template <typename Fits>
std::string unit_in(const System& system, std::string_view process, std::string_view slice,
                    const Fits& fits) {
  const std::string text = system.read(fmt::format("/proc/{}/cgroup", process)).value_or("");
  for (const std::string_view line : lines_of(text)) {
    const std::size_t path = line.find(fmt::format(":/{}/", slice));
    if (path == line.npos) continue;
    std::string_view rest = line.substr(path + 1);
    while (!rest.empty()) {
      rest.remove_prefix(1);
      const std::string_view unit = rest.substr(0, rest.find('/'));
      if (fits(unit)) return std::string(unit);
      rest.remove_prefix(unit.size());
    }
  }
  return {};
}

/// What is between the two; nullopt: the unit is no such one.
std::optional<std::string_view> between(std::string_view start, std::string_view unit, std::string_view end) {
  if (!unit.starts_with(start) || !unit.ends_with(end)) return std::nullopt;
  return unit.substr(start.size(), unit.size() - start.size() - end.size());
}

/// "1000" of "user@1000.service", the manager of all that a person runs.
std::optional<std::string_view> user_in(std::string_view unit) {
  return between("user@", unit, ".service");
}

/// "2" of "session-2.scope".
std::optional<std::string_view> session_in(std::string_view unit) {
  return between("session-", unit, ".scope");
}

/// The value of a line "SEAT=seat0".
std::string_view value_in(std::string_view session, std::string_view key) {
  for (const std::string_view line : lines_of(session))
    if (line.starts_with(key) && line.substr(key.size()).starts_with('=')) return line.substr(key.size() + 1);
  return {};
}

/// Text consoles have a seat too; sessions over the network have none. sd_session_get_seat(3).
bool is_at_display(std::string_view session) {
  return !value_in(session, "SEAT").empty() && value_in(session, "TYPE") != "tty";
}

std::string read_session(const System& system, std::string_view id) {
  return system.read(fmt::format("{}/{}", kSessions, id)).value_or("");
}

bool has_session_at_display(const System& system, const std::vector<std::string>& sessions,
                            std::string_view user) {
  return std::ranges::any_of(sessions, [&](const std::string& id) {
    if (id.find('.') != id.npos) return false;  // A pipe, "2.ref".
    const std::string session = read_session(system, id);
    return value_in(session, "UID") == user && is_at_display(session);
  });
}

}  // namespace

/// What users run has units of their own, which are not the system's.
std::string service_of(const System& system, std::string_view process) {
  return unit_in(system, process, "system.slice",
                 [](std::string_view unit) { return unit.ends_with(".service"); });
}

/// Where nobody tells of sessions, as on captured machines of earlier versions, each may be at a display.
std::string session_of(const System& system, std::string_view process) {
  const std::string unit = unit_in(system, process, "user.slice",
                                   [](std::string_view name) { return session_in(name) || user_in(name); });
  const auto sessions = system.list(kSessions);
  if (unit.empty() || !sessions) return unit;
  const auto user = user_in(unit);
  const bool at_display = user ? has_session_at_display(system, *sessions, *user)
                               : is_at_display(read_session(system, *session_in(unit)));
  return at_display ? unit : "";
}

std::string session_lines(std::string_view session) {
  std::string lines;
  for (const char* key : {"SEAT", "TYPE", "UID"})
    lines += fmt::format("{}={}\n", key, value_in(session, key));
  return lines;
}

}  // namespace gpupass
