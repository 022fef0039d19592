// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/files/fd.hpp"

#include <dirent.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "system/files/errno_text.hpp"

namespace gpupass {

namespace {
constexpr std::size_t kMostNames =
    1'000'000;  // A directory of a machine never has more; a hostile one might.
constexpr ssize_t kPage = 4096;

/// Whether sysfs hands the file out at once, or in whole pages: most reads of a machine are of these.
bool is_attribute(std::string_view path) {
  return path.starts_with("/sys/bus/") || path.starts_with("/sys/class/") ||
         path.starts_with("/sys/devices/");
}

}  // namespace

Fact<std::string> read_file(const Fd& file, std::string_view path, std::size_t limit) {
  // procfs hands a file out in pieces of any size, so that only an empty read is the end.
  const ssize_t least = is_attribute(path) ? kPage : 1;
  std::string content;
  std::array<char, 8192> piece;
  for (;;) {
    const ssize_t count = ::read(file.number(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unknown_path(path, errno_text(errno));
    content.append(piece.data(), static_cast<std::size_t>(count));
    if (content.size() > limit)
      return unknown_path(path, fmt::format("saw more than {} bytes, expected at most that", limit));
    if (count < least) break;
  }
  if (content.ends_with('\n')) content.pop_back();
  return content;
}

Fact<std::vector<std::string>> read_directory(Fd directory, std::string_view path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(directory.number()), closedir);
  if (!stream) return unknown_path(path, errno_text(errno));
  directory.release();  // The stream closes it now.

  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(stream.get());
    if (!entry && errno != 0) return unknown_path(path, errno_text(errno));
    if (!entry) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    if (names.size() > kMostNames)
      return unknown_path(path, fmt::format("saw more than {} names, expected at most that", kMostNames));
  }
  std::ranges::sort(names);
  return names;
}

Fact<std::string> read_link(int at, const std::string& name, std::string_view path) {
  std::array<char, 4096> target;  // PATH_MAX: the kernel makes no longer link.
  const ssize_t size = readlinkat(at, name.c_str(), target.data(), target.size());
  if (size < 0 && errno == EINVAL) return unknown_path(path, "not a symbolic link");
  if (size < 0) return not_opened<std::string>(path, errno);
  return std::string(target.data(), static_cast<std::size_t>(size));
}

int write_all(const Fd& file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(file.number(), content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

}  // namespace gpupass
