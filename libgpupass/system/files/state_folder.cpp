// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/files/state_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "gpupass/error.hpp"
#include "system/files/errno_text.hpp"
#include "system/files/state_paths.hpp"

namespace gpupass {

namespace {

// Beside the folders, so that none of them ever lists half a file. The writer of a file holds the lock of its
// subject.
constexpr auto kNewFile = ".new-";

void remove_folder_if_empty(int parent, const std::string& name) {
  if (unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOTEMPTY && errno != EEXIST &&
      errno != ENOENT)
    throw system_error("remove", name, errno);
}

}  // namespace

StateFolder::StateFolder(std::string path, Lasts lasts, unsigned mode)
    : path_(std::move(path)), lasts_(lasts), mode_(mode) {}

/// The folder `name` in the open folder `parent`. None where it is missing and that is accepted.
Fd StateFolder::open_below(int parent, const std::string& name, std::string_view path, Missing missing) {
  const auto open = [&] { return Fd(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | kStateFlags)); };
  Fd folder = open();
  bool made = false;
  if (!folder && errno == ENOENT) {
    if (missing == Missing::Accept) return folder;
    made = mkdirat(parent, name.c_str(), 0755) == 0;
    if (!made && errno != EEXIST) throw system_error("make", path, errno);
    folder = open();
  }
  if (!folder) throw system_error("open", path, errno);
  expect_ours(folder, path);
  // Independent of the umask.
  if (made && fchmod(folder.number(), 0755) != 0) throw system_error("make", path, errno);
  return folder;
}

Fd StateFolder::open_folder(Missing missing) const {
  return open_below(AT_FDCWD, path_, path_, missing);
}

Fd StateFolder::open_parent(std::string_view path, Missing missing) const {
  auto names = names_below(path_, path);
  names.pop_back();
  Fd folder = open_folder(missing);
  for (const std::string& name : names) {
    if (!folder) break;
    folder = open_below(folder.number(), name, path, missing);
  }
  return folder;
}

void StateFolder::sync(const Fd& file, std::string_view path) const {
  if (lasts_ == Lasts::Always && fsync(file.number()) != 0) throw system_error("write", path, errno);
}

/// The way to `path`, on disk: a folder that was made is an entry of the one above it.
void StateFolder::sync_way(std::string_view path) const {
  if (lasts_ == Lasts::UntilBoot) return;
  auto names = names_below(path_, path);
  names.pop_back();
  Fd folder = open_folder(Missing::Accept);
  for (const std::string& name : names) {
    sync(folder, path);
    folder = open_below(folder.number(), name, path, Missing::Accept);
  }
  sync(folder, path);
}

void StateFolder::save(std::string_view path, std::string_view content) const {
  const std::string name = names_below(path_, path).back();
  const Fd parent = open_parent(path, Missing::Make);
  const Fd folder = open_folder(Missing::Make);

  const std::string unfinished = kNewFile + name;
  if (unlinkat(folder.number(), unfinished.c_str(), 0) != 0 && errno != ENOENT)
    throw system_error("write", path, errno);
  const Fd file(
      openat(folder.number(), unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | kStateFlags, mode_));
  if (!file) throw system_error("write", path, errno);
  if (fchmod(file.number(), mode_) != 0) throw system_error("write", path, errno);
  if (const int error = write_all(file, content)) throw system_error("write", path, error);
  sync(file, path);
  if (renameat(folder.number(), unfinished.c_str(), parent.number(), name.c_str()) != 0)
    throw system_error("write", path, errno);
  sync_way(path);
}

void StateFolder::remove(std::string_view path, bool durable) const {
  const std::string name = names_below(path_, path).back();
  const Fd parent = open_parent(path, Missing::Accept);
  if (!parent) return;
  if (unlinkat(parent.number(), name.c_str(), 0) != 0) {
    if (errno == ENOENT) return;
    throw system_error("remove", path, errno);
  }
  if (durable) sync(parent, path);
}

void StateFolder::remove_if_empty() const {
  remove_folder_if_empty(AT_FDCWD, path_);
}

void StateFolder::remove_if_empty(std::string_view folder) const {
  if (const Fd above = open_parent(folder, Missing::Accept))
    remove_folder_if_empty(above.number(), names_below(path_, folder).back());
}

void StateFolder::append(std::string_view path, std::string_view text, bool durable) const {
  const std::string name = names_below(path_, path).back();
  const Fd parent = open_parent(path, Missing::Make);
  constexpr int kAppend = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | kStateFlags;
  Fd file(openat(parent.number(), name.c_str(), kAppend));
  const bool is_new = !file && errno == ENOENT;
  if (is_new) file = Fd(openat(parent.number(), name.c_str(), kAppend | O_CREAT, 0600));
  if (!file) throw system_error("write", path, errno);
  expect_ours(file, path);
  if (const int error = write_all(file, text)) throw system_error("write", path, error);
  // A flush of the disk is most of what a line costs: none for a line that may be lost, and one for any but
  // the first.
  if (durable) sync(file, path);
  if (is_new) sync_way(path);
}

void StateFolder::rename(std::string_view path, std::string_view new_path) const {
  const auto from = names_below(path_, path), to = names_below(path_, new_path);
  const Fd parent = open_parent(path, Missing::Accept);
  const bool same_folder = std::equal(from.begin(), from.end() - 1, to.begin(), to.end() - 1);
  if (!same_folder || !parent) throw system_error("rename", path, same_folder ? ENOENT : EXDEV);
  if (renameat2(parent.number(), from.back().c_str(), parent.number(), to.back().c_str(), RENAME_NOREPLACE) !=
      0)
    throw system_error("rename", path, errno);
}

}  // namespace gpupass
