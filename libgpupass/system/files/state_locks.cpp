// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>

#include "gpupass/error.hpp"
#include "system/files/errno_text.hpp"
#include "system/files/state_folder.hpp"
#include "system/files/state_paths.hpp"

namespace gpupass {

namespace {

constexpr auto kWriting = ".writing";

}  // namespace

std::shared_ptr<void> StateFolder::lock(const std::string& name) const {
  const std::string path = fmt::format("{}/locks/{}", path_, name);
  names_below(path_, path);
  const Fd folder = open_parent(path, Missing::Make);
  // Not even readable by others: whoever can open a file can hold its lock.
  Fd file(
      openat(folder.number(), name.c_str(), O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY | kStateFlags, 0600));
  if (!file) throw system_error("open", path, errno);
  expect_ours(file, path);
  if (flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) throw system_error("lock", path, errno);
    throw Error(ErrorCode::Busy, path, fmt::format("cannot lock {}: another gpupass holds it", name),
                "wait until it is done, then try again");
  }
  const Fd writing(
      openat(folder.number(), (name + kWriting).c_str(), O_RDWR | O_NONBLOCK | O_NOCTTY | kStateFlags));
  if (writing && flock(writing.number(), LOCK_EX | LOCK_NB) != 0)
    throw Error(ErrorCode::Busy, path,
                fmt::format("cannot lock {}: an earlier change is still running", name),
                "wait until it is done, then try again; gpupass list tells whether the device is wedged");
  return std::make_shared<Fd>(std::move(file));
}

Fact<bool> StateFolder::is_writing(const std::string& name) const {
  const std::string path = writing_lock(name);
  const Fd file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | kStateFlags));
  if (file) return flock(file.number(), LOCK_SH | LOCK_NB) != 0;
  if (errno == ENOENT) return false;
  return unknown_path(path, errno_text(errno));
}

std::string StateFolder::writing_lock(const std::string& name) const {
  return name.empty() ? "" : fmt::format("{}/locks/{}{}", path_, name, kWriting);
}

}  // namespace gpupass
