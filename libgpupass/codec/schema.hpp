// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "codec/containers.hpp"
#include "codec/fields.hpp"
#include "codec/writer.hpp"
#include "values/names.hpp"

/// The JSON schema of values, from the same fields that write and read them.
namespace gpupass {

/// "PciFunction" for gpupass::PciFunction, "DeviceUseKind" for gpupass::DeviceUse::Kind.
std::string type_name_in(std::string_view function);
template <typename T>
std::string type_name() {
  return type_name_in(std::source_location::current().function_name());
}
template <>
inline std::string type_name<Change>() {
  return "Change";
}

/// Whether callers write the value, so that each key may be missing.
template <typename T>
inline constexpr bool kIsWritten = false;
template <>
inline constexpr bool kIsWritten<Request> = true;

/// What a schema says of text, of addresses and CPUs, and of a fact that is unknown.
nlohmann::ordered_json common_definitions();

/// A reference to the definition with this name.
nlohmann::ordered_json reference_to(const std::string& name);

/// Adds the schema of T, and of all that it consists of, to the definitions.
/// @returns the schema to use where a T stands.
template <typename T>
nlohmann::ordered_json schema_of(nlohmann::ordered_json& definitions);

/// Collects the fields of one object, which has its defaults.
class SchemaWriter {
 public:
  enum class Keys { Required, Optional };
  explicit SchemaWriter(nlohmann::ordered_json& definitions, Keys keys = Keys::Required)
      : definitions_(definitions), keys_(keys) {}

  template <typename T>
  void operator()(const char* key, const T& value) {
    if (keys_ == Keys::Optional) return (*this)(key, value, kAddedLater);
    properties_[key] = schema_of<T>(definitions_);
    required_.push_back(key);
  }
  template <typename T>
  void operator()(const char* key, const T& value, AddedLater) {
    properties_[key] = schema_of<T>(definitions_);
    properties_[key]["default"] = json_of_value(value);
  }
  /// No key: not asked. null: absent.
  template <typename T>
  void operator()(const char* key, const Fact<T>&) {
    properties_[key] = {{"anyOf", {schema_of<T>(definitions_), {{"type", "null"}}, reference_to("Unknown")}}};
  }
  /// A field that always has this value.
  void constant(const char* key, std::string_view value) {
    properties_[key] = {{"const", value}};
    required_.push_back(key);
  }
  /// The value has the fields of one of several objects, which `add` writes.
  template <typename Add>
  void alternative(const std::string& name, const Add& add) {
    SchemaWriter one(definitions_);
    add(one);
    definitions_[name] = one.take();
    alternatives_.push_back(reference_to(name));
  }

  nlohmann::ordered_json take() const {
    if (!alternatives_.empty()) return {{"oneOf", alternatives_}};
    return {{"type", "object"}, {"properties", properties_}, {"required", required_}};
  }

 private:
  nlohmann::ordered_json& definitions_;
  Keys keys_;
  nlohmann::ordered_json properties_ = nlohmann::ordered_json::object();
  nlohmann::ordered_json required_ = nlohmann::ordered_json::array();
  nlohmann::ordered_json alternatives_ = nlohmann::ordered_json::array();
};

/// Any number, true and false.
template <typename T>
nlohmann::ordered_json schema_of_number() {
  if constexpr (std::is_same_v<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::is_floating_point_v<T>) {
    return {{"type", "number"}};
  } else {
    return {{"type", "integer"},
            {"minimum", std::numeric_limits<T>::min()},
            {"maximum", std::numeric_limits<T>::max()}};
  }
}

/// A type with a definition of its own.
template <typename T>
nlohmann::ordered_json definition_of(nlohmann::ordered_json& definitions) {
  if constexpr (std::is_enum_v<T>) {
    auto names = nlohmann::ordered_json::array();
    for (const auto& [value, name] : kNames<T>) names.push_back(name);
    return {{"enum", names}};
  } else {
    SchemaWriter writer(definitions,
                        kIsWritten<T> ? SchemaWriter::Keys::Optional : SchemaWriter::Keys::Required);
    fields(writer, std::as_const(*std::make_unique<T>()));
    return writer.take();
  }
}

template <typename T>
nlohmann::ordered_json schema_of(nlohmann::ordered_json& definitions) {
  if constexpr (std::is_arithmetic_v<T>) {
    return schema_of_number<T>();
  } else if constexpr (std::is_same_v<T, std::string>) {
    return reference_to("Text");
  } else if constexpr (std::is_same_v<T, PciAddress> || std::is_same_v<T, DeviceId> ||
                       std::is_same_v<T, CpuSet>) {
    return reference_to(type_name<T>());
  } else if constexpr (kIsVector<T> || kIsSet<T>) {
    return {{"type", "array"}, {"items", schema_of<typename T::value_type>(definitions)}};
  } else if constexpr (kIsOptional<T>) {
    return {{"anyOf", {schema_of<typename T::value_type>(definitions), {{"type", "null"}}}}};
  } else {
    const std::string name = type_name<T>();
    if (!definitions.contains(name)) {
      definitions[name] = nullptr;  // Keeps the order in which types are first used.
      auto definition = definition_of<T>(definitions);
      definitions[name] = std::move(definition);
    }
    return reference_to(name);
  }
}

}  // namespace gpupass
