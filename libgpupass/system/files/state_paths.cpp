// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/files/state_paths.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "gpupass/error.hpp"
#include "system/files/errno_text.hpp"

namespace gpupass {

std::vector<std::string> names_below(const std::string& folder, std::string_view path) {
  const auto refused = [&] {
    return Error(ErrorCode::Refused, std::string(path),
                 fmt::format("cannot change {}: expected a file below {}", path, folder));
  };
  if (!path.starts_with(folder + '/')) throw refused();
  std::string_view rest = path.substr(folder.size() + 1);
  std::vector<std::string> names;
  for (;;) {
    const auto slash = rest.find('/');
    const std::string_view name = rest.substr(0, slash);
    if (name.empty() || name.starts_with('.') || name.find('\0') != name.npos) throw refused();
    names.emplace_back(name);
    if (slash == rest.npos) return names;
    rest.remove_prefix(slash + 1);
  }
}

void expect_ours(const Fd& file, std::string_view path) {
  struct stat status;
  if (fstat(file.number(), &status) != 0) throw system_error("open", path, errno);
  if (status.st_uid != geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    throw Error(
        ErrorCode::Refused, std::string(path),
        fmt::format("cannot use {}: saw owner {} and mode {:o}, expected owner {} and no other writer", path,
                    status.st_uid, status.st_mode & 07777, geteuid()));
}

}  // namespace gpupass
