// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "codec/requests/request.hpp"
#include "gpupass/topology.hpp"

/// Files, and what only a library reads.
namespace gpupass {

/// A file's content without its last newline.
struct ReadFile {
  using Reply = std::string;
  std::string path;
};

/// Writes a file in one write(2). @returns its content afterwards where that is asked for, else absent.
struct WriteFile {
  using Reply = std::string;
  std::string path;
  std::string value;
  bool read_back = false;
};

/// The CPUs below a root, "/" for the running machine.
struct ReadCpuTopology {
  using Reply = CpuTopology;
  std::string root;
};

template <>
inline constexpr std::string_view kRequestName<ReadFile> = "read";
template <>
inline constexpr std::string_view kRequestName<WriteFile> = "write";
template <>
inline constexpr std::string_view kRequestName<ReadCpuTopology> = "cpu-topology";

void fields(auto& visit, Is<ReadFile> auto& request) {
  visit("path", request.path);
}

void fields(auto& visit, Is<WriteFile> auto& request) {
  visit("path", request.path);
  visit("value", request.value);
  visit("read_back", request.read_back);
}

void fields(auto& visit, Is<ReadCpuTopology> auto& request) {
  visit("root", request.root);
}

}  // namespace gpupass
