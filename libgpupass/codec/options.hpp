// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "codec/document.hpp"
#include "codec/reader.hpp"

namespace gpupass {

/// Takes the fields of one value out of an object that a caller wrote: each may be missing, and keeps its
/// default then. A key that is no field is a mistake.
class OptionsReader {
 public:
  OptionsReader(const nlohmann::json& object, const JsonPlace& place) : object_(object), place_(place) {
    if (!object.is_object()) place.malformed(object, "an object");
  }

  template <typename T>
  void operator()(const char* key, T& value, AddedLater = {}) {
    known_.insert(key);
    if (const auto found = object_.find(key); found != object_.end()) read_value(*found, place_[key], value);
  }
  void expect_no_other() const {
    for (const auto& [key, value] : object_.items())
      if (!known_.contains(key))
        place_[key].malformed(std::string_view("an unknown key"),
                              fmt::format("one of {}", fmt::join(known_, ", ")));
  }

 private:
  const nlohmann::json& object_;
  const JsonPlace& place_;
  std::set<std::string> known_;
};

/// @param what the text is, for an error. @throws Error Malformed.
template <typename T>
T options_from_json(std::string_view text, const char* what) {
  const JsonPlace place(what);
  const auto object = json_in(text, place);
  if (!object) place.malformed(std::string_view("something else"), "JSON");
  T value;
  OptionsReader reader(*object, place);
  fields(reader, value);
  reader.expect_no_other();
  return value;
}

}  // namespace gpupass
