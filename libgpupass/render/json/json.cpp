// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/json/json.hpp"

#include <fmt/format.h>

#include "codec/writer.hpp"
#include "render/text/words.hpp"

namespace gpupass {

Json document() {
  return {{"format", 1}};
}

Json document(const Host& host) {
  Json json = document();
  json["limits"] = json_of_value(host.limits);
  return json;
}

void add_passed_over(Json& document, const std::vector<Finding>& findings) {
  document["passed_over"] = json_of(findings);
}

std::string dumped(const Json& json) {
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + '\n';
}

Json json_of(PciAddress address) {
  return address.to_string();
}

Json json_of(const Fact<PciAddress>& address) {
  return address ? json_of(*address) : Json(nullptr);
}

Json json_of(const std::vector<PciAddress>& addresses) {
  return json_of_value(addresses);
}

Json json_of(DeviceId device) {
  return device.to_string();
}

Json json_of(const std::vector<DeviceId>& devices) {
  return json_of_value(devices);
}

Json json_of(const Fact<PciLink>& link) {
  if (!link) return nullptr;
  // The kernel's "Unknown" is 0 in the value, and no number for whoever compares.
  const auto known = [](auto number) { return number > 0 ? Json(number) : Json(nullptr); };
  return {{"speed_gts", known(link->speed_gts)},
          {"width", known(link->width)},
          {"max_speed_gts", known(link->max_speed_gts)},
          {"max_width", known(link->max_width)}};
}

Json json_of(const std::vector<Finding>& findings) {
  Json json = Json::array();
  for (const Finding& finding : findings)
    json.push_back({{"id", finding.id},
                    {"verdict", to_string(finding.verdict)},
                    {"subject", finding.subject},
                    {"message", finding.message},
                    {"remedy", json_or_null(finding.remedy)}});
  return json;
}

Json json_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

template <typename T>
Json hex_of(const Fact<T>& number, unsigned digits) {
  return number ? Json(fmt::format("{:0{}x}", *number, digits)) : Json(nullptr);
}
template Json hex_of(const Fact<std::uint8_t>&, unsigned);
template Json hex_of(const Fact<std::uint16_t>&, unsigned);
template Json hex_of(const Fact<std::uint32_t>&, unsigned);

void add_identity(Json& json, const PciFunction& function, const NameLookup& names) {
  PciNames known;
  if (function.vendor && function.device) known = names(*function.vendor, *function.device);
  json["vendor_id"] = hex_of(function.vendor, 4);
  json["device_id"] = hex_of(function.device, 4);
  json["class"] = hex_of(function.class_code, 6);
  json["vendor"] = json_or_null(known.vendor);
  json["name"] = json_or_null(known.device);
}

Json json_of(const Isolation& isolation) {
  return {{"kernel", to_string(isolation.kernel)}, {"acs", to_string(isolation.acs)}};
}

Json json_of(const Host& host, const std::vector<GroupMember>& members) {
  Json json = Json::array();
  for (const GroupMember& one : members) {
    const PciFunction* member = find_function(host, one.address);
    json.push_back({{"address", json_of(one.address)},
                    {"class", member ? hex_of(member->class_code, 6) : Json(nullptr)},
                    {"driver", member ? json_of(member->driver) : Json(nullptr)},
                    {"role", to_string(one.role)}});
  }
  return json;
}

}  // namespace gpupass
