// SPDX-License-Identifier: GPL-2.0-or-later
#include "request.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"

using gpupass::Error;
using gpupass::ErrorCode;

Request::Request(const std::string& line) : fields_(nlohmann::json::parse(line, nullptr, false)) {
  if (!fields_.is_object())
    throw Error(ErrorCode::Malformed, "",
                "cannot read the request: saw something else, expected a JSON object");
  id_ = fields_.value("id", nlohmann::json());
}

std::string Request::text(const char* key) const {
  const auto field = fields_.find(key);
  if (field == fields_.end() || !field->is_string())
    throw Error(ErrorCode::Malformed, key,
                fmt::format("cannot read the request: expected text at \"{}\"", key));
  return field->get<std::string>();
}

std::vector<std::string> Request::texts(const char* key) const {
  const auto field = fields_.find(key);
  const auto is_text = [](const nlohmann::json& item) { return item.is_string(); };
  if (field == fields_.end() || !field->is_array() || !std::ranges::all_of(*field, is_text))
    throw Error(ErrorCode::Malformed, key,
                fmt::format("cannot read the request: expected texts at \"{}\"", key));
  return field->get<std::vector<std::string>>();
}

std::chrono::milliseconds Request::duration(const char* key) const {
  const auto field = fields_.find(key);
  if (field == fields_.end() || !field->is_number_unsigned())
    throw Error(ErrorCode::Malformed, key,
                fmt::format("cannot read the request: expected a number at \"{}\"", key));
  return std::chrono::milliseconds(field->get<unsigned>());
}

bool Request::says(const char* key) const {
  const auto field = fields_.find(key);
  return field != fields_.end() && *field == true;
}
