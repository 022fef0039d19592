// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/files/errno_text.hpp"

#include <fmt/format.h>

#include <system_error>

namespace gpupass {

std::string errno_text(int number) {
  return std::generic_category().message(number);
}

Unknown unknown_path(std::string_view path, std::string_view reason) {
  return Unknown{fmt::format("{}: {}", path, reason)};
}

Error system_error(std::string_view verb, std::string_view path, int number) {
  return Error(ErrorCode::System, std::string(path),
               fmt::format("cannot {} {}: {}", verb, path, errno_text(number)));
}

}  // namespace gpupass
