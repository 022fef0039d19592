// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/error.hpp"
#include "gpupass/fact.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// A record of gpupass in a file. Absent: there is no file. Unknown: it cannot be read, or is damaged; a
/// limit says so of `what`.
template <typename Record>
Fact<Record> read_record(const System& system, std::string_view path, Record (*parse)(std::string_view),
                         const char* what, Limits& limits) {
  const Fact<std::string> content = system.read(path);
  if (content.absent()) return Absent{};
  std::string why;
  if (!content) {
    why = content.why();
  } else
    try {
      return parse(*content);
    } catch (const Error& error) {
      why = error.what();
    }
  limits.add(what, why);
  return Unknown{why};
}

/// The same of a list: empty where there is no file.
template <typename Record>
Fact<Record> read_list(const System& system, std::string_view path, Record (*parse)(std::string_view),
                       const char* what, Limits& limits) {
  Fact<Record> list = read_record(system, path, parse, what, limits);
  return list.absent() ? Fact<Record>(Record()) : list;
}

}  // namespace gpupass
