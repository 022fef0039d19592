// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "file.hpp"
#include "gpupass/error.hpp"
#include "operations.hpp"
#include "system/files/errno_text.hpp"
#include "values/words.hpp"

namespace gpupass {

namespace {

std::string lines_with(std::string_view part, std::string_view text) {
  std::string lines;
  for (const std::string_view line : lines_of(text))
    if (line.find(part) != line.npos) lines.append(lines.empty() ? "" : "\n").append(line);
  return lines;
}

}  // namespace

Fact<std::string> answer(const ReadFile& question) {
  const Fd file = open_file(question.path, O_RDONLY | O_NOFOLLOW);
  if (!file) return not_opened<std::string>(question.path, errno);
  Fact<std::string> content = read_file(file, question.path);
  return content && !question.with.empty() ? lines_with(question.with, *content) : content;
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
