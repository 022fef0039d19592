// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codec/reader.hpp"
#include "codec/writer.hpp"

/// A whole document: {"format": 1, what: value}. All JSON is parsed and printed here.
namespace gpupass {

/// Parses JSON that anybody may have written: at most 64 levels of values within values.
/// @returns nullopt when it is no JSON: empty, or cut off.
/// @throws Error Malformed when it has more levels.
std::optional<nlohmann::json> json_in(std::string_view text, const JsonPlace& place);

/// What happens to the unknown keys of a document.
enum class OtherKeys {
  Ignored,  ///< In a record of gpupass: a later version has written them.
  Refused,  ///< In what people write: they are mistakes.
};

std::string document_of(const char* what, nlohmann::ordered_json value);
/// The value. @throws Error Malformed when it is no such document.
nlohmann::json value_in(std::string_view document, const char* what, OtherKeys others = OtherKeys::Ignored);

template <typename T>
std::string json_document(const char* what, const T& value) {
  return document_of(what, json_of_value(value));
}

template <typename T>
T from_json_document(const char* what, std::string_view text) {
  T value;
  read_value(value_in(text, what), JsonPlace(what), value);
  return value;
}

}  // namespace gpupass
