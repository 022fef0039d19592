// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/origin.hpp"

#include <algorithm>

#include "values/shell_word.hpp"
#include "values/words.hpp"

namespace gpupass {

namespace {

/// The kernel's audit id of a process that no login started: proc(5), loginuid.
constexpr std::string_view kNoLogin = "4294967295";

/// "Uid:	1000	1000	1000	1000": the real one first.
std::string process_user(const System& system) {
  const std::string status = system.read("/proc/self/status").value_or("");
  for (const std::string_view line : lines_of(status))
    if (line.starts_with("Uid:"))
      if (const auto words = words_of(line); words.size() > 1) return std::string(words[1]);
  return {};
}

/// "alice:x:1000:1000:...": passwd(5).
std::string name_of_user(const System& system, const std::string& number) {
  const std::string users = system.read("/etc/passwd").value_or("");
  for (const std::string_view line : lines_of(users)) {
    const std::size_t name = line.find(':');
    const std::size_t password = line.find(':', name + 1);
    if (name == line.npos || password == line.npos) continue;
    if (line.substr(password + 1).starts_with(number + ':')) return std::string(line.substr(0, name));
  }
  return number;
}

}  // namespace

std::string login_user(const System& system) {
  std::string number = system.read("/proc/self/loginuid").value_or("");
  if (number.empty() || number == kNoLogin) number = process_user(system);
  return number.empty() ? number : name_of_user(system, number);
}

std::string command_line(const System& system) {
  const std::string words = system.read("/proc/self/cmdline").value_or("");
  std::string line;
  for (std::size_t begin = 0; begin < words.size();) {
    const std::size_t end = std::min(words.find('\0', begin), words.size());
    line += (line.empty() ? "" : " ") + shell_word(words.substr(begin, end - begin));
    begin = end + 1;
  }
  return line;
}

}  // namespace gpupass
