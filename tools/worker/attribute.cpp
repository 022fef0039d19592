// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "file.hpp"
#include "gpupass/error.hpp"
#include "operations.hpp"

using gpupass::Error;
using gpupass::ErrorCode;
using nlohmann::json;

namespace {

constexpr std::size_t kLargestAttribute = 1 << 20;  // sysfs gives at most a page; this leaves room for /proc.

/// A file that is there and cannot be read is an answer, not a failure.
json unknown(const std::string& why) {
  return {{"unknown", why}};
}

}  // namespace

json read_attribute(const Request& request) {
  const File file(request.text("path"), O_RDONLY | O_NOFOLLOW);
  if (!file.is_open()) return errno == ENOENT || errno == ENOTDIR ? json() : unknown(std::strerror(errno));
  std::string content;
  char chunk[4096];
  ssize_t count;
  while ((count = ::read(file.descriptor(), chunk, sizeof chunk)) > 0) {
    content.append(chunk, static_cast<std::size_t>(count));
    if (content.size() > kLargestAttribute)
      return unknown(fmt::format("longer than {} bytes", kLargestAttribute));
  }
  if (count < 0) return unknown(std::strerror(errno));
  if (content.ends_with('\n')) content.pop_back();
  return content;
}

json write_attribute(const Request& request) {
  const std::string path = request.text("path");
  const std::string value = request.text("value");
  const File file(path, O_WRONLY | O_NOFOLLOW);
  if (!file.is_open()) fail_to_write(path);
  const ssize_t written = ::write(file.descriptor(), value.data(), value.size());
  if (written < 0) fail_to_write(path);
  if (static_cast<std::size_t>(written) != value.size())
    throw Error(ErrorCode::System, path,
                fmt::format("cannot write {}: it took {} bytes, expected {}", path, written, value.size()));
  return request.says("read_back") ? read_attribute(request) : nullptr;
}
