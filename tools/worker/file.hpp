// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <string>

/// What open(2) opens, until it goes out of scope; programs that are run do not inherit it.
class File {
 public:
  /// Leaves errno as open(2) does.
  File(const std::string& path, int flags, mode_t mode = 0);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

/// @throws gpupass::Error by errno, always: NotFound where there is no such file.
[[noreturn]] void fail_to_write(const std::string& path);
