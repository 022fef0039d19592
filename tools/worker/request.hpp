// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

/// One request: the name of an operation and its arguments.
class Request {
 public:
  /// @throws gpupass::Error Malformed when `line` is not a JSON object.
  explicit Request(const std::string& line);

  /// What the answer must carry to be told from others.
  const nlohmann::json& id() const { return id_; }
  /// The name of the operation. @throws gpupass::Error Malformed when there is none.
  std::string operation() const { return text("op"); }
  /// @throws gpupass::Error Malformed when there is no such argument.
  std::string text(const char* key) const;
  std::vector<std::string> texts(const char* key) const;
  std::chrono::milliseconds duration(const char* key) const;
  /// Whether the argument is there and true.
  bool says(const char* key) const;

 private:
  nlohmann::json fields_;
  nlohmann::json id_;
};
