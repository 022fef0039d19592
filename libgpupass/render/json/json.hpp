// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "gpupass/render.hpp"

/// What the JSON results share. Keys keep the order in which they are documented.
namespace gpupass {

using Json = nlohmann::ordered_json;

/// An object with its "format".
Json document();
/// The same with "limits", for what describes a host.
Json document(const Host& host);
/// Adds "passed_over".
void add_passed_over(Json& document, const std::vector<Finding>& findings);
/// The text of a document: only ASCII, so that no foreign text acts on a terminal.
std::string dumped(const Json& json);

template <typename T>
Json json_of(const Fact<T>& fact) {
  return fact ? Json(*fact) : Json(nullptr);
}
Json json_of(PciAddress address);
Json json_of(const Fact<PciAddress>& address);
Json json_of(const std::vector<PciAddress>& addresses);
Json json_of(DeviceId device);
Json json_of(const std::vector<DeviceId>& devices);
Json json_of(const Fact<PciLink>& link);
Json json_of(const std::vector<Finding>& findings);
Json json_of(const Report& report);
/// null for the empty text.
Json json_or_null(const std::string& text);
/// Lower-case hexadecimal of so many digits; null where unknown.
template <typename T>
Json hex_of(const Fact<T>& number, unsigned digits);

/// "vendor_id", "device_id", "class", "vendor", "name".
void add_identity(Json& json, const PciFunction& function, const NameLookup& names);
/// One GPU as `list` shows it.
Json list_entry(const Host& host, const Assessment& gpu, const NameLookup& names);
/// "yes", "no" or "unknown" for both ways to look at a group.
Json json_of(const Isolation& isolation);
/// The members of a group with their roles.
Json json_of(const Host& host, const std::vector<GroupMember>& members);

}  // namespace gpupass
