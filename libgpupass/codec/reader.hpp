// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Written by hand on nlohmann/json: the library's macros know no Fact, and do not say where a wrong value
// stands.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <utility>

#include "codec/containers.hpp"
#include "codec/fields.hpp"
#include "codec/place.hpp"
#include "values/names.hpp"

namespace gpupass {

/// Reads what json_of_text() wrote. @throws Error Malformed.
std::string text_from(const nlohmann::json& json, const JsonPlace& place);

template <typename T>
void read_value(const nlohmann::json& json, const JsonPlace& place, T& value);

/// Takes the fields of one value out of an object. A missing key is an error, except for kAddedLater and for
/// facts. An unknown key is ignored: a later version wrote it, and that version raises the "format" if an
/// earlier one must not ignore it.
class JsonReader {
 public:
  JsonReader(const nlohmann::json& object, const JsonPlace& place) : object_(object), place_(place) {
    if (!object.is_object()) place.malformed(object, "an object");
  }

  template <typename T>
  void operator()(const char* key, T& value) {
    const nlohmann::json* json = find(key);
    if (!json) place_[key].malformed(std::string_view("nothing"), "a value");
    read_value(*json, place_[key], value);
  }
  template <typename T>
  void operator()(const char* key, T& value, AddedLater) {
    if (const nlohmann::json* json = find(key)) read_value(*json, place_[key], value);
  }
  template <typename T>
  void operator()(const char* key, Fact<T>& fact) {
    const nlohmann::json* json = find(key);
    if (!json) {
      fact = {};
    } else if (json->is_null()) {
      fact = Absent{};
    } else if (json->is_object() && json->contains("unknown")) {
      fact = Unknown{text_from((*json)["unknown"], place_[key]["unknown"])};
    } else {
      fact = T{};
      read_value(*json, place_[key], *fact);
    }
  }

  /// Where the object stands.
  const JsonPlace& place() const { return place_; }

 private:
  const nlohmann::json* find(const char* key) const;

  const nlohmann::json& object_;
  const JsonPlace& place_;
};

template <typename T>
void read_fields(const nlohmann::json& json, const JsonPlace& place, T& value) {
  JsonReader reader(json, place);
  fields(reader, value);
}

template <typename T>
T number_from(const nlohmann::json& json, const JsonPlace& place) {
  if constexpr (std::is_same_v<T, bool>) {
    if (json.is_boolean()) return json.get<bool>();
    place.malformed(json, "true or false");
  } else if constexpr (std::is_floating_point_v<T>) {
    if (json.is_number()) return json.get<T>();
    place.malformed(json, "a number");
  } else {
    if (json.is_number_unsigned() && std::in_range<T>(json.get<std::uint64_t>())) return json.get<T>();
    if (json.is_number_integer() && !json.is_number_unsigned() && std::in_range<T>(json.get<std::int64_t>()))
      return json.get<T>();
    place.malformed(json, fmt::format("an integer from {} to {}", std::numeric_limits<T>::min(),
                                      std::numeric_limits<T>::max()));
  }
}

template <typename T>
T enumerator_from(const nlohmann::json& json, const JsonPlace& place) {
  const auto value = json.is_string() ? named<T>(json.get_ref<const std::string&>()) : std::nullopt;
  if (value) return *value;
  std::vector<std::string_view> names;
  for (const auto& [enumerator, name] : kNames<T>) names.push_back(name);
  place.malformed(json, fmt::format("one of {}", fmt::join(names, ", ")));
}

template <typename T>
T parsed_from(const nlohmann::json& json, const JsonPlace& place, std::string_view expected) {
  const auto value = json.is_string() ? T::parse(json.get_ref<const std::string&>()) : std::nullopt;
  if (!value) place.malformed(json, expected);
  return *value;
}

template <typename T>
void read_value(const nlohmann::json& json, const JsonPlace& place, T& value) {
  if constexpr (std::is_arithmetic_v<T>) {
    value = number_from<T>(json, place);
  } else if constexpr (std::is_same_v<T, std::string>) {
    value = text_from(json, place);
  } else if constexpr (std::is_same_v<T, PciAddress>) {
    value = parsed_from<T>(json, place, "a PCI address such as \"0000:65:00.0\"");
  } else if constexpr (std::is_same_v<T, DeviceId>) {
    value =
        parsed_from<T>(json, place, "a PCI address such as \"0000:65:00.0\", or a mediated device's UUID");
  } else if constexpr (std::is_same_v<T, CpuSet>) {
    value = parsed_from<T>(json, place, "a list of CPUs such as \"0-3,8\"");
  } else if constexpr (std::is_enum_v<T>) {
    value = enumerator_from<T>(json, place);
  } else if constexpr (kIsVector<T>) {
    if (!json.is_array()) place.malformed(json, "an array");
    value.resize(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) read_value(json[i], place[i], value[i]);
  } else if constexpr (kIsSet<T>) {
    std::vector<typename T::value_type> elements;
    read_value(json, place, elements);
    value = {elements.begin(), elements.end()};
  } else if constexpr (kIsOptional<T>) {
    value.reset();
    if (!json.is_null()) read_value(json, place, value.emplace());
  } else {
    read_fields(json, place, value);
  }
}

}  // namespace gpupass
