// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>

#include "codec/containers.hpp"
#include "codec/fields.hpp"
#include "values/names.hpp"

namespace gpupass {

/// A text, or {"bytes": hexadecimal} for one that is no UTF-8: JSON has no other place for foreign bytes.
nlohmann::ordered_json json_of_text(const std::string& text);

template <typename T>
nlohmann::ordered_json json_of_value(const T& value);

/// Puts the fields of one value into an object. A fact that was not asked for has no key, one that is absent
/// is null, one that is unknown is {"unknown": why}.
class JsonWriter {
 public:
  template <typename T>
  void operator()(const char* key, const T& value) {
    object_[key] = json_of_value(value);
  }
  template <typename T>
  void operator()(const char* key, const T& value, AddedLater) {
    (*this)(key, value);
  }
  template <typename T>
  void operator()(const char* key, const Fact<T>& fact) {
    if (fact.known()) {
      object_[key] = json_of_value(*fact);
    } else if (fact.absent()) {
      object_[key] = nullptr;
    } else if (fact.unknown()) {
      object_[key]["unknown"] = json_of_text(fact.why());
    }
  }

  nlohmann::ordered_json take() { return std::move(object_); }

 private:
  nlohmann::ordered_json object_ = nlohmann::ordered_json::object();
};

template <typename T>
nlohmann::ordered_json json_of_value(const T& value) {
  if constexpr (std::is_arithmetic_v<T>) {
    return value;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return json_of_text(value);
  } else if constexpr (std::is_same_v<T, PciAddress> || std::is_same_v<T, DeviceId> ||
                       std::is_same_v<T, CpuSet>) {
    return value.to_string();
  } else if constexpr (std::is_enum_v<T>) {
    return to_string(value);
  } else if constexpr (kIsVector<T> || kIsSet<T>) {
    auto array = nlohmann::ordered_json::array();
    for (const auto& element : value) array.push_back(json_of_value(element));
    return array;
  } else if constexpr (kIsOptional<T>) {
    return value ? json_of_value(*value) : nlohmann::ordered_json(nullptr);
  } else {
    JsonWriter writer;
    fields(writer, value);
    return writer.take();
  }
}

}  // namespace gpupass
