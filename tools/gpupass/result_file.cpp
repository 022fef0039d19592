// SPDX-License-Identifier: GPL-2.0-or-later
#include "result_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "gpupass/error.hpp"
#include "gpupass/render.hpp"
#include "replace_file.hpp"
#include "terminal.hpp"

namespace gpupass {

void expect_result_file(const Invocation& invocation, const std::string& name) {
  if (name.empty())
    throw Error(ErrorCode::Usage, "file", "cannot write: saw no name of a file", "- is stdout");
  if (invocation.dry_run && name != "-")
    throw Error(ErrorCode::Usage, "--dry-run", fmt::format("cannot write {} in a dry run", name),
                "- in the place of the file prints it");
}

void write_result(const Invocation& invocation, const std::string& name, std::string_view content) {
  if (name == "-") return print(content);
  std::error_code hidden;
  if (std::filesystem::exists(name, hidden) &&
      !agreed(invocation, fmt::format("Replace {}?", printable(name))))
    throw Error(ErrorCode::System, name, fmt::format("cannot write {}: not confirmed", name),
                "the file is as it was; -y skips the question");
  replace_file(name, content);
}

}  // namespace gpupass
