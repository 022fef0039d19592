// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "file.hpp"
#include "gpupass/error.hpp"
#include "operations.hpp"
#include "system/files/errno_text.hpp"

namespace gpupass {

namespace {

/// The kernel lets nobody else open a disk exclusively while somebody has it so: open(2). Reading it is not
/// even tried, and nothing can be written through this.
Fact<bool> is_held(const std::string& name) {
  if (name.empty() || name.find('/') != name.npos)
    throw Error(ErrorCode::Usage, name, fmt::format("cannot use {:?}: expected the name of a disk", name));
  const Fact<std::string> number = answer(ReadFile{"/sys/class/block/" + name + "/dev"});
  if (!number) return number.without_value<bool>();
  std::string path = "/dev/" + name;
  std::ranges::replace(path, '!', '/');  // As the kernel writes "/" of a name in sysfs.
  const Fd disk = open_file(path, O_RDONLY | O_EXCL | O_NONBLOCK | O_NOFOLLOW);
  if (!disk && errno == EBUSY) return true;
  if (!disk) return not_opened<bool>(path, errno);
  struct statx status;
  if (statx(disk.number(), "", AT_EMPTY_PATH, STATX_TYPE, &status) != 0) return not_opened<bool>(path, errno);
  const std::string opened = fmt::format("{}:{}", status.stx_rdev_major, status.stx_rdev_minor);
  if (!S_ISBLK(status.stx_mode) || opened != *number)
    return unknown_path(path, fmt::format("is another device than {}", *number));
  return false;
}

}  // namespace

Fact<std::vector<DiskState>> answer(const DisksQuestion& question) {
  std::vector<DiskState> states;
  for (const std::string& name : question.disks) states.push_back({name, is_held(name)});
  return states;
}

}  // namespace gpupass
