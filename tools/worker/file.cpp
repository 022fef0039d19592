// SPDX-License-Identifier: GPL-2.0-or-later
#include "file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "gpupass/error.hpp"

using gpupass::Error;
using gpupass::ErrorCode;

File::File(const std::string& path, int flags, mode_t mode)
    : descriptor_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

void fail_to_write(const std::string& path) {
  const int error = errno;
  throw Error(error == ENOENT ? ErrorCode::NotFound : ErrorCode::System, path,
              fmt::format("cannot write {}: {}", path, std::strerror(error)));
}
