// SPDX-License-Identifier: GPL-2.0-or-later
//
// The image from which cloud-init configures a guest. Its data are secrets: nobody but root can read them on
// the way, and no argument of a program has them.
#include "gpupass/seed.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "file.hpp"
#include "gpupass/error.hpp"
#include "operations.hpp"
#include "program.hpp"
#include "system/files/errno_text.hpp"

namespace gpupass {

namespace {

constexpr char kXorriso[] = "/usr/bin/xorriso";

/// A folder with the files of the image, which goes away again. What a killed worker has left goes first.
class Content {
 public:
  explicit Content(const WriteSeedOrder& order)
      : path_(fmt::format("/run/gpupass/cloud-init-{}", order.domain)) {
    std::filesystem::remove_all(path_);
    if (mkdir(path_.c_str(), 0700) != 0) throw system_error("make", path_, errno);
    write("user-data", order.user_data);
    write("meta-data", meta_data(order.domain, order.user_data));
  }
  ~Content() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;
  const std::string& path() const { return path_; }

 private:
  void write(const char* name, const std::string& text) const {
    const std::string path = path_ + '/' + name;
    const Fd file = open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (!file) throw system_error("write", path, errno);
    if (const int error = write_all(file, text)) throw system_error("write", path, error);
  }

  std::string path_;
};

std::string image_of(const WriteSeedOrder& order) {
  const std::string path = seed_path(order.domain);
  if (access(kXorriso, X_OK) != 0)
    throw Error(ErrorCode::Unavailable, path,
                fmt::format("cannot write {}: there is no {}: install the package xorriso", path, kXorriso));
  const Content content(order);
  Ended ended = run_program({kXorriso, "-as", "mkisofs", "-quiet", "-volid", "cidata", "-joliet", "-rock",
                             "-no-pad", content.path()});
  if (ended.status != 0)
    throw Error(ErrorCode::System, path, fmt::format("cannot write {}: {}", path, end_of("xorriso", ended)));
  return std::move(ended.output);
}

}  // namespace

/// The file has no name until it is whole, and then takes one that nobody has.
void carry_out(const WriteSeedOrder& order) {
  const std::string path = seed_path(order.domain);
  if (!is_seed(path))
    throw Error(ErrorCode::Usage, path,
                fmt::format("cannot use {:?}: expected a guest's name", order.domain));
  const std::string image = image_of(order);
  const std::string folder = path.substr(0, path.rfind('/'));
  const Fd file = open_file(folder, O_TMPFILE | O_WRONLY, 0600);
  if (!file) fail_to_write(path);
  if (const int error = write_all(file, image)) throw system_error("write", path, error);
  if (fsync(file.number()) != 0) fail_to_write(path);
  const std::string unnamed = fmt::format("/proc/self/fd/{}", file.number());
  if (linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) != 0) fail_to_write(path);
  const Fd entries = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (!entries || fsync(entries.number()) != 0) fail_to_write(path);
}

}  // namespace gpupass
