// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

/// YAML that anybody may have written, as a tree. Only this file knows the library that reads it.
namespace gpupass {

/// One value of a file.
struct YamlNode {
  enum class Kind { Null, Scalar, List, Map };
  Kind kind = Kind::Null;
  int line = 1;
  int column = 1;
  bool plain = false;           ///< A scalar without quotes: it may mean a number, or yes and no.
  std::string text;             ///< Of a scalar.
  std::vector<YamlNode> items;  ///< Of a list, or the values of a map, in the order of the file.
  std::vector<YamlNode> keys;   ///< Of a map: the key of each item.
};

/// The one document of a file. Aliases are what they stand for. `name` is the file's, for messages.
/// @throws Error Malformed, with the line: for what is no YAML, has tags or a second document, and for more
/// than 256 KiB, than 16 levels, or than 20000 values, aliases counted as what they stand for.
YamlNode parse_yaml(std::string_view text, const std::string& name);

}  // namespace gpupass
