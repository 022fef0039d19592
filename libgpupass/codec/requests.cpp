// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "codec/document.hpp"
#include "gpupass/json.hpp"
#include "gpupass/units.hpp"

namespace gpupass {

namespace {

using nlohmann::json;

/// As on the command line, "64G", or a number of bytes.
std::uint64_t size_from(const json& value, const JsonPlace& place) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  const auto size = value.is_string() ? parse_size(value.get_ref<const std::string&>()) : std::nullopt;
  if (!size) place.malformed(value, "a size such as \"64G\"");
  return *size;
}

std::optional<std::uint64_t> page_size_from(const json& value, const JsonPlace& place) {
  if (value == "auto") return std::nullopt;
  if (value == "off") return 0;
  if (value == "2M" || value == "1G") return parse_size(value.get_ref<const std::string&>());
  place.malformed(value, "one of auto, off, 2M, 1G");
}

CellRequest cell_from(const json& value, const JsonPlace& place) {
  if (!value.is_object() || value.size() != 3 || !value.contains("node") || !value.contains("vcpus") ||
      !value.contains("memory"))
    place.malformed(value, "an object of \"node\", \"vcpus\" and \"memory\"");
  return {number_from<unsigned>(value["node"], place["node"]),
          number_from<std::uint16_t>(value["vcpus"], place["vcpus"]),
          size_from(value["memory"], place["memory"])};
}

void read_key(const std::string& key, const json& value, const JsonPlace& place, Request& request) {
  if (key == "name") {
    request.name = text_from(value, place);
  } else if (key == "gpus") {
    request.gpu_count = number_from<std::uint8_t>(value, place);
  } else if (key == "vcpus") {
    request.vcpus = number_from<std::uint16_t>(value, place);
  } else if (key == "memory") {
    request.memory_bytes = size_from(value, place);
  } else if (key == "numa") {
    request.numa = enumerator_from<NumaPolicy>(value, place);
  } else if (key == "hugepages") {
    request.page_size_bytes = page_size_from(value, place);
  } else if (key == "reserve_cpus") {
    read_value(value, place, request.reserved_cpus);
  } else if (key == "cells") {
    if (!value.is_array()) place.malformed(value, "an array");
    for (std::size_t at = 0; at < value.size(); ++at)
      request.cells.push_back(cell_from(value[at], place[at]));
  } else {
    place.malformed(std::string_view("an unknown key"),
                    "one of name, gpus, vcpus, memory, numa, hugepages, reserve_cpus, cells");
  }
}

Request written_request(const json& value, const JsonPlace& place) {
  if (!value.is_object() || !value.contains("name")) place.malformed(value, "an object with a \"name\"");
  Request request;
  for (const auto& [key, part] : value.items()) read_key(key, part, place[key], request);
  return request;
}

}  // namespace

std::vector<Request> requests_from_json(std::string_view text) {
  const JsonPlace place("requests");
  const json value = value_in(text, "requests", OtherKeys::Refused);
  if (!value.is_array()) place.malformed(value, "an array");
  std::vector<Request> requests;
  std::set<std::string> names;
  for (std::size_t at = 0; at < value.size(); ++at) {
    requests.push_back(written_request(value[at], place[at]));
    if (!names.insert(requests.back().name).second)
      place[at]["name"].malformed(value[at]["name"], "a name that no other request has");
  }
  return requests;
}

}  // namespace gpupass
