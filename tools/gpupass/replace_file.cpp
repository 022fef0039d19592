// SPDX-License-Identifier: GPL-2.0-or-later
#include "replace_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "gpupass/error.hpp"

namespace gpupass {

namespace {

// The library replaces files as well, but only in folders that belong to gpupass: see StateFolder.

/// mkstemp() makes files that only their owner can read; a new file shall be as open as the user's others.
mode_t ordinary_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

}  // namespace

void replace_file(const std::string& path, std::string_view content) {
  struct stat there;
  if (lstat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode))
    throw Error(
        ErrorCode::System, path,
        fmt::format("cannot write {}: saw something other than a plain file, expected one or none", path),
        "- is stdout");
  std::string temporary = path + ".XXXXXX";
  const int fd = mkstemp(temporary.data());
  const auto fail = [&] {
    const int number = errno;
    if (fd >= 0) unlink(temporary.c_str());
    throw Error(ErrorCode::System, path, fmt::format("cannot write {}: {}", path, std::strerror(number)));
  };
  if (fd < 0) fail();
  std::FILE* const file = fdopen(fd, "w");
  if (!file) fail();
  const bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size() &&
                       std::fflush(file) == 0 && fchmod(fd, ordinary_mode()) == 0 && fsync(fd) == 0;
  const int number = errno;
  std::fclose(file);
  errno = number;
  if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) fail();
}

}  // namespace gpupass
