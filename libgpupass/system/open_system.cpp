// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "gpupass/capture.hpp"
#include "gpupass/error.hpp"
#include "gpupass/system.hpp"
#include "system/capture/format.hpp"
#include "system/capture/recorded_system.hpp"
#include "system/files/errno_text.hpp"
#include "system/live_system.hpp"
#include "system/tree_system.hpp"

namespace gpupass {

namespace {

/// Whether a folder is "/", however it is spelled.
bool is_running_machine(const struct stat& folder) {
  struct stat root;
  return stat("/", &root) == 0 && folder.st_dev == root.st_dev && folder.st_ino == root.st_ino;
}

Recording read_capture(const std::string& path) {
  const Fd file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) throw system_error("open", path, errno);
  const auto text = read_file(file, path, kLargestCapture);
  if (!text) throw Error(ErrorCode::Malformed, path, fmt::format("cannot read {}", text.why()));
  return parse_capture(*text, path);
}

}  // namespace

std::unique_ptr<System> open_system(const SystemOptions& options) {
  const std::string& root = options.root;
  struct stat status;
  if (stat(root.c_str(), &status) != 0)
    throw Error(ErrorCode::NotFound, root,
                fmt::format("cannot open {}: {}, expected a folder or a capture", root, errno_text(errno)));
  if (S_ISDIR(status.st_mode) && is_running_machine(status)) return std::make_unique<LiveSystem>(options);
  if (S_ISDIR(status.st_mode)) return std::make_unique<TreeSystem>(options);
  if (S_ISREG(status.st_mode)) return std::make_unique<RecordedSystem>(read_capture(root), options);
  throw Error(ErrorCode::NotFound, root,
              fmt::format("cannot open {}: saw a special file, expected a folder or a capture", root));
}

std::unique_ptr<System> open_capture(std::string_view text, const std::string& file) {
  return std::make_unique<RecordedSystem>(parse_capture(text, file));
}

}  // namespace gpupass
