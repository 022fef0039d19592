// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "codec/requests/request.hpp"

/// Files.
namespace gpupass {

/// A file's content without its last newline.
struct ReadFile {
  using Reply = std::string;
  std::string path;
  std::string with = {};  ///< Only the lines that have this text. Empty: all.
};

/// Writes a file in one write(2). @returns its content afterwards where that is asked for, else absent.
struct WriteFile {
  using Reply = std::string;
  std::string path;
  std::string value;
  bool read_back = false;
};

template <>
inline constexpr std::string_view kRequestName<ReadFile> = "read";
template <>
inline constexpr std::string_view kRequestName<WriteFile> = "write";

void fields(auto& visit, Is<ReadFile> auto& request) {
  visit("path", request.path);
  visit("with", request.with);
}

void fields(auto& visit, Is<WriteFile> auto& request) {
  visit("path", request.path);
  visit("value", request.value);
  visit("read_back", request.read_back);
}

}  // namespace gpupass
