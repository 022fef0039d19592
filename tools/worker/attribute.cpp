// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "file.hpp"
#include "gpupass/error.hpp"
#include "operations.hpp"
#include "system/files/errno_text.hpp"

namespace gpupass {

Fact<std::string> answer(const ReadFile& question) {
  const Fd file = open_file(question.path, O_RDONLY | O_NOFOLLOW);
  if (!file) return not_opened<std::string>(question.path, errno);
  return read_file(file, question.path);
}

Fact<std::string> carry_out(const WriteFile& order) {
  const std::string& path = order.path;
  const Fd file = open_file(path, O_WRONLY | O_NOFOLLOW);
  if (!file) fail_to_write(path);
  const ssize_t written = ::write(file.number(), order.value.data(), order.value.size());
  if (written < 0) fail_to_write(path);
  if (static_cast<std::size_t>(written) != order.value.size())
    throw Error(
        ErrorCode::System, path,
        fmt::format("cannot write {}: it took {} bytes, expected {}", path, written, order.value.size()));
  return order.read_back ? answer(ReadFile{path}) : Fact<std::string>(Absent{});
}

}  // namespace gpupass
