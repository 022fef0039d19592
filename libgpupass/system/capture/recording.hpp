// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/fact.hpp"
#include "gpupass/system.hpp"
#include "gpupass/topology.hpp"

namespace gpupass {

/// What stands at one path of a recorded machine.
struct Entry {
  enum class Kind {
    File,    ///< `text` is its content.
    Link,    ///< `text` is its target, as it is written there.
    Denied,  ///< It could not be read or listed; `text` is the reason, "Permission denied".
    Absent,  ///< It was asked for and is not there.
    Seen,    ///< Its name stood in a listing; nobody could look closer, or did.
  };
  Kind kind = Kind::Seen;
  std::string text;
  friend bool operator==(const Entry&, const Entry&) = default;
};

/// What is recorded of one directory.
struct Directory {
  bool listed =
      false;  ///< `entries` holds every name that is in it; otherwise only those that were asked for.
  std::map<std::string, Entry, std::less<>> entries;
  friend bool operator==(const Directory&, const Directory&) = default;
};

/// Everything that was read of a machine, under the paths by which it was asked for: links are not followed.
/// It answers for what it holds, and for what certainly was not there; anything else is unknown.
struct Recording {
  std::map<std::string, Directory, std::less<>> directories;
  Fact<CpuTopology> cpu_topology;
  Fact<std::vector<DomainXml>> domains;

  /// As System::read(), list() and link().
  Fact<std::string> read(std::string_view path) const;
  Fact<std::vector<std::string>> list(std::string_view path) const;
  Fact<std::string> link(std::string_view path) const;

  /// @returns nullptr when nothing is recorded at this path.
  const Entry* find(std::string_view path) const;
  /// Records what stands at a path, in place of what was recorded before.
  void set(std::string_view path, Entry entry);

  friend bool operator==(const Recording&, const Recording&) = default;
};

}  // namespace gpupass
