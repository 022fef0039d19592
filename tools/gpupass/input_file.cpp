// SPDX-License-Identifier: GPL-2.0-or-later
#include "input_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "gpupass/error.hpp"

namespace gpupass {

namespace {

// libvirt refuses definitions above 32 MiB itself; what is larger than this is none, nor a list of requests.
constexpr std::size_t kMostBytes = 16U << 20;

std::string read_all(std::istream& stream, const std::string& name, const std::string& expected) {
  std::string text;
  char block[65536];
  while (stream.read(block, sizeof block) || stream.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > kMostBytes)
      throw Error(ErrorCode::Malformed, name,
                  fmt::format("cannot read {}: saw more than 16 MiB, expected {}", name, expected));
  }
  if (stream.bad())
    throw Error(ErrorCode::System, name, fmt::format("cannot read {}: {}", name, std::strerror(errno)));
  if (text.empty())
    throw Error(ErrorCode::Malformed, name,
                fmt::format("cannot read {}: saw nothing, expected {}", name, expected));
  return text;
}

}  // namespace

std::string name_of_input(const std::string& name) {
  return name == "-" ? "standard input" : name;
}

std::string text_of_input(const std::string& name, const std::string& expected) {
  if (name == "-") return read_all(std::cin, name_of_input(name), expected);
  std::ifstream file(name, std::ios::binary);
  if (!file)
    throw Error(ErrorCode::NotFound, name, fmt::format("cannot read {}: {}", name, std::strerror(errno)));
  return read_all(file, name, expected);
}

}  // namespace gpupass
