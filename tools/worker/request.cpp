// SPDX-License-Identifier: GPL-2.0-or-later
#include "request.hpp"

#include <fmt/format.h>

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
