// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace gpupass {

/// Where a value stands in a JSON document: "host.functions[3].driver". Lives on the stack of who reads it.
class JsonPlace {
 public:
  /// The whole document, which `what` names in messages: "host".
  explicit JsonPlace(std::string_view what) : key_(what) {}

  JsonPlace operator[](std::string_view key) const { return JsonPlace(this, key, 0); }
  JsonPlace operator[](std::size_t index) const { return JsonPlace(this, {}, index); }

  std::string to_string() const;
  /// @throws Error Malformed: "cannot read host.functions[3].driver: saw 5, expected a text".
  [[noreturn]] void malformed(std::string_view seen, std::string_view expected) const;
  [[noreturn]] void malformed(const nlohmann::json& seen, std::string_view expected) const;

 private:
  JsonPlace(const JsonPlace* above, std::string_view key, std::size_t index)
      : above_(above), key_(key), index_(index) {}

  const JsonPlace* above_ = nullptr;
  std::string_view key_;  // Empty: an array's element.
  std::size_t index_ = 0;
};

}  // namespace gpupass
