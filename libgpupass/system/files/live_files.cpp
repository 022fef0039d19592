// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/files/live_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "system/files/errno_text.hpp"
#include "system/files/fd.hpp"

namespace gpupass::live_files {

namespace {

// Nothing that is opened may block, become our terminal, or reach the worker.
constexpr int kFlags = O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

}  // namespace

Fact<std::string> read(std::string_view path) {
  const Fd file(open(std::string(path).c_str(), O_RDONLY | kFlags));
  if (!file) return not_opened<std::string>(path, errno);
  return read_file(file, path);
}

Fact<std::vector<std::string>> list(std::string_view path) {
  Fd directory(open(std::string(path).c_str(), O_RDONLY | O_DIRECTORY | kFlags));
  if (!directory) return not_opened<std::vector<std::string>>(path, errno);
  return read_directory(std::move(directory), path);
}

Fact<std::string> link(std::string_view path) {
  return read_link(AT_FDCWD, std::string(path), path);
}

void write(std::string_view path, std::string_view value) {
  const Fd file(open(std::string(path).c_str(), O_WRONLY | kFlags));
  if (!file) throw system_error("write", path, errno);
  // One write(2): each one is a command of its own to the kernel.
  const ssize_t count = ::write(file.number(), value.data(), value.size());
  if (count < 0) throw system_error("write", path, errno);
  if (static_cast<std::size_t>(count) != value.size())
    throw Error(
        ErrorCode::System, std::string(path),
        fmt::format("cannot write {}: the kernel took {} bytes, expected {}", path, count, value.size()));
}

void remove_boot_image(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) throw system_error("remove", path, errno);
  const Fd folder(open(path.substr(0, path.rfind('/')).c_str(), O_RDONLY | O_DIRECTORY | kFlags));
  if (!folder || fsync(folder.number()) != 0) throw system_error("remove", path, errno);
}

}  // namespace gpupass::live_files
