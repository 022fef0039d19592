// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/files/tree_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>

#include "gpupass/error.hpp"
#include "system/files/errno_text.hpp"

namespace gpupass {

namespace {

constexpr int kTreeFlags = O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

/// Opens a path with `root` in the place of "/": also for "..", and for what links point to.
Fd open_in_root(const Fd& root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  // EAGAIN: something, somewhere, was renamed while the kernel went through a "..". Trying again is its
  // advice.
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const long number = syscall(SYS_openat2, root.number(), path.c_str(), &how, sizeof how);
    if (number >= 0 || errno != EAGAIN) return Fd(static_cast<int>(number));
  }
  return Fd();
}

std::string_view parent_of(std::string_view path) {
  return path.substr(0, path.rfind('/') + 1);
}
std::string name_of(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

Unknown not_a_file(std::string_view path) {
  return unknown_path(path, "not a plain file");
}

}  // namespace

TreeFiles::TreeFiles(const std::string& root) : root_(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  if (!root_)
    throw Error(ErrorCode::NotFound, root,
                fmt::format("cannot open {}: {}, expected a directory", root, errno_text(errno)));
}

Fact<std::string> TreeFiles::read(std::string_view path) const {
  const auto directory = directory_of(path);
  if (!directory) return directory.without_value<std::string>();
  const std::string name = name_of(path);
  struct stat status;
  if (fstatat(*directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return not_opened<std::string>(path, errno);
  if (S_ISLNK(status.st_mode)) {
    const auto target = open_link(path);
    return target ? read_file(*target, path) : target.without_value<std::string>();
  }
  if (!S_ISREG(status.st_mode)) return not_a_file(path);
  const Fd file(openat(*directory, name.c_str(), O_RDONLY | O_NOFOLLOW | kTreeFlags));
  return file ? read_file(file, path) : not_opened<std::string>(path, errno);
}

Fact<std::vector<std::string>> TreeFiles::list(std::string_view path) const {
  Fd directory = open_in_root(root_, std::string(path), O_RDONLY | O_DIRECTORY | kTreeFlags);
  if (!directory) return not_opened<std::vector<std::string>>(path, errno);
  return read_directory(std::move(directory), path);
}

Fact<std::string> TreeFiles::link(std::string_view path) const {
  const auto directory = directory_of(path);
  return directory ? read_link(*directory, name_of(path), path) : directory.without_value<std::string>();
}

/// The open directory that holds the last name of a path.
Fact<int> TreeFiles::directory_of(std::string_view path) const {
  constexpr std::size_t kMostOpen = 64;
  const std::string_view parent = parent_of(path);
  if (const auto known = directories_.find(parent); known != directories_.end())
    return known->second.number();
  Fd directory = open_in_root(root_, std::string(parent), O_PATH | O_DIRECTORY);
  if (!directory) return not_opened<int>(path, errno);
  if (directories_.size() == kMostOpen) directories_.clear();
  return directories_.emplace(parent, std::move(directory)).first->second.number();
}

/// Opens what a link in the tree points to, once it is known to be a plain file.
Fact<Fd> TreeFiles::open_link(std::string_view path) const {
  const Fd target = open_in_root(root_, std::string(path), O_PATH);
  struct stat status;
  if (!target || fstat(target.number(), &status) != 0) return not_opened<Fd>(path, errno);
  if (!S_ISREG(status.st_mode)) return not_a_file(path);
  Fd file(open(fmt::format("/proc/self/fd/{}", target.number()).c_str(), O_RDONLY | kTreeFlags));
  if (!file) return not_opened<Fd>(path, errno);
  return file;
}

}  // namespace gpupass
