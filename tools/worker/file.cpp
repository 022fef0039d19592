// SPDX-License-Identifier: GPL-2.0-or-later
#include "file.hpp"

#include <fcntl.h>

#include <cerrno>

#include "system/files/errno_text.hpp"

namespace gpupass {

Fd open_file(const std::string& path, int flags, mode_t mode) {
  return Fd(open(path.c_str(), flags | O_CLOEXEC, mode));
}

void fail_to_write(const std::string& path) {
  const int number = errno;
  const Error error = system_error("write", path, number);
  throw Error(number == ENOENT ? ErrorCode::NotFound : ErrorCode::System, path, error.what());
}

}  // namespace gpupass
