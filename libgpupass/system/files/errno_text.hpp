// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cerrno>
#include <string>
#include <string_view>

#include "gpupass/error.hpp"
#include "gpupass/fact.hpp"

namespace gpupass {

/// The kernel's words for an errno: "Device or resource busy".
std::string errno_text(int number);

/// Why a path is unknown, in the form that every system gives it: "/sys/...: Permission denied".
Unknown unknown_path(std::string_view path, std::string_view reason);

/// What it means that a path could not be opened: it is not there, or that cannot be told.
template <typename T>
Fact<T> not_opened(std::string_view path, int number) {
  if (number == ENOENT || number == ENOTDIR) return Absent{};
  return unknown_path(path, errno_text(number));
}

/// What is thrown for a failed system call: "cannot write /sys/...: Device or resource busy".
Error system_error(std::string_view verb, std::string_view path, int number);

}  // namespace gpupass
