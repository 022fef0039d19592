// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "codec/reader.hpp"
#include "codec/writer.hpp"

/// A whole document: {"format": 1, what: value}.
namespace gpupass {

std::string document_of(const char* what, nlohmann::ordered_json value);
/// The value. @throws Error Malformed when it is no such document.
nlohmann::json value_in(std::string_view document, const char* what);

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
