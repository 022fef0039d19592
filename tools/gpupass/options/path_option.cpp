// SPDX-License-Identifier: GPL-2.0-or-later
#include "options/path_option.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "gpupass/domain.hpp"
#include "gpupass/render.hpp"
#include "terminal.hpp"

namespace gpupass {

std::string from_root(const std::string& path) {
  return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
}

bool is_missing(const Invocation& invocation, const std::string& path) {
  if (path.empty() || invocation.root_given || is_remote_uri(named_hypervisor(invocation.system)))
    return false;
  std::error_code hidden;  // What may not be looked at may be there.
  return std::filesystem::status(path, hidden).type() == std::filesystem::file_type::not_found;
}

void warn_if_missing(const Invocation& invocation, const std::string& path) {
  if (is_missing(invocation, path))
    tell(invocation,
         fmt::format("note: there is no file {}: the guest does not start without it\n", printable(path)));
}

}  // namespace gpupass
