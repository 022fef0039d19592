// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "system/files/errno_text.hpp"
#include "system/files/fd.hpp"
#include "system/live_system.hpp"

/// The files of the running machine, by absolute paths.
namespace gpupass {

namespace {

// Nothing that is opened may block, become our terminal, or reach the worker.
constexpr int kLiveFlags = O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

}  // namespace

Fact<std::string> LiveSystem::read(std::string_view path) const {
  const Fd file(open(std::string(path).c_str(), O_RDONLY | kLiveFlags));
  if (!file) return not_opened<std::string>(path, errno);
  return read_file(file, path);
}

Fact<std::string> LiveSystem::read_bytes(std::string_view path, std::size_t offset, std::size_t count) const {
  if (!last_file_ || last_path_ != path) {
    Fd file(open(std::string(path).c_str(), O_RDONLY | kLiveFlags));
    if (!file) return not_opened<std::string>(path, errno);
    last_file_ = std::move(file);
    last_path_ = path;
  }
  std::string bytes(count, '\0');
  const ssize_t size = pread(last_file_.number(), bytes.data(), count, static_cast<off_t>(offset));
  if (size < 0) return unknown_path(path, errno_text(errno));
  bytes.resize(static_cast<std::size_t>(size));
  return bytes;
}

Fact<std::vector<std::string>> LiveSystem::list(std::string_view path) const {
  Fd directory(open(std::string(path).c_str(), O_RDONLY | O_DIRECTORY | kLiveFlags));
  if (!directory) return not_opened<std::vector<std::string>>(path, errno);
  return read_directory(std::move(directory), path);
}

Fact<std::string> LiveSystem::link(std::string_view path) const {
  return read_link(AT_FDCWD, std::string(path), path);
}

/// What is not on this machine is not asked: a server may be gone.
Fact<std::string> LiveSystem::device_number(std::string_view path) const {
  struct statx status;
  if (statx(AT_FDCWD, std::string(path).c_str(), AT_STATX_DONT_SYNC, STATX_TYPE, &status) != 0)
    return not_opened<std::string>(path, errno);
  const bool block = S_ISBLK(status.stx_mode);
  if (!block && !S_ISCHR(status.stx_mode)) return Absent{};
  return fmt::format("{}{}:{}", block ? "block " : "", status.stx_rdev_major, status.stx_rdev_minor);
}

void LiveSystem::write(std::string_view path, std::string_view value) {
  const Fd file(open(std::string(path).c_str(), O_WRONLY | kLiveFlags));
  if (!file) throw system_error("write", path, errno);
  // One write(2): each one is a command of its own to the kernel.
  const ssize_t count = ::write(file.number(), value.data(), value.size());
  if (count < 0) throw system_error("write", path, errno);
  if (static_cast<std::size_t>(count) != value.size())
    throw Error(
        ErrorCode::System, std::string(path),
        fmt::format("cannot write {}: the kernel took {} bytes, expected {}", path, count, value.size()));
}

}  // namespace gpupass
