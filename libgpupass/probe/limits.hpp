// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"

namespace gpupass {

/// Collects what could not be read. The same limit on many devices becomes one: a machine has hundreds of
/// functions, and the reader has one screen.
class Limits {
 public:
  /// Something about the machine as a whole.
  void add(const std::string& what, const std::string& why);
  /// `what` of `subject`: "vendor" of "0000:65:00.0".
  void add(const std::string& what, const std::string& subject, const std::string& why);

  /// All of them, ascending, each once.
  std::vector<Limit> sorted() const;

 private:
  using Subjects = std::set<std::string>;                        // Empty: the machine as a whole.
  std::map<std::string, std::map<std::string, Subjects>> seen_;  // What, why, of which.
};

/// A foreign value fit for a message: quoted, cut after some forty characters, and everything but printable
/// ASCII as \xHH.
std::string shown(std::string_view value);

}  // namespace gpupass
