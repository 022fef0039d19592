// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/home_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/document.hpp"
#include "gpupass/error.hpp"
#include "values/firmware_framebuffer.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

using nlohmann::json;

constexpr int kHomeFormat = 1;

[[noreturn]] void malformed(const std::string& file, const std::string& saw, const std::string& expected) {
  throw Error(ErrorCode::Malformed, file,
              fmt::format("cannot read {}: saw {}, expected {}", file, saw, expected));
}

/// What a value looks like in a message: as JSON, so that no control character comes out raw.
std::string shown(const json& value) {
  return value.dump(-1, ' ', true, json::error_handler_t::replace);
}

const json& field(const json& object, const char* key, const std::string& file) {
  const auto found = object.find(key);
  if (found == object.end()) malformed(file, fmt::format("no \"{}\"", key), "one");
  return *found;
}

/// A driver's name, or empty.
std::string driver_field(const json& object, const char* key, const std::string& file) {
  const json& value = field(object, key, file);
  if (!value.is_string()) malformed(file, fmt::format("\"{}\": {}", key, shown(value)), "a text");
  const std::string& name = value.get_ref<const std::string&>();
  if (!name.empty() && !is_driver_name(name))
    malformed(file, fmt::format("\"{}\": {}", key, shown(value)), "a driver's name");
  return name;
}

/// Files of earlier versions have none.
std::optional<bool> flag_field(const json& object, const char* key, const std::string& file) {
  const auto found = object.find(key);
  if (found == object.end()) return std::nullopt;
  if (!found->is_boolean()) malformed(file, fmt::format("\"{}\": {}", key, shown(*found)), "true or false");
  return found->get<bool>();
}

std::uint16_t id_field(const json& object, const char* key, const std::string& file) {
  const json& value = field(object, key, file);
  if (value.is_string()) {
    if (const auto id = parse_digits<std::uint16_t>(value.get_ref<const std::string&>(), 4)) return *id;
  }
  malformed(file, fmt::format("\"{}\": {}", key, shown(value)), "four hexadecimal digits");
}

std::optional<std::uint16_t> optional_id(const json& object, const char* key, const std::string& file) {
  if (!object.contains(key)) return std::nullopt;
  return id_field(object, key, file);
}

/// What a device or its driver says about itself; empty if it is missing.
std::string optional_text(const json& object, const char* key, const std::string& file) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  if (!found->is_string() || found->get_ref<const std::string&>().size() > kLongestIdentityText)
    malformed(file, fmt::format("\"{}\": {:.80}", key, shown(*found)), "a short text");
  return *found;
}

/// What of the host made way. Files of earlier versions have none of it.
MadeWay made_way_in(const json& object, const std::string& file) {
  MadeWay made_way;
  if (const auto services = object.find("services"); services != object.end()) {
    const auto is_unit = [](const json& unit) {
      return unit.is_string() && is_unit_name(unit.get_ref<const std::string&>());
    };
    if (!services->is_array() || !std::ranges::all_of(*services, is_unit))
      malformed(file, fmt::format("\"services\": {}", shown(*services)), "names of services");
    made_way.services = services->get<std::vector<std::string>>();
  }
  made_way.console = flag_field(object, "console", file).value_or(false);
  made_way.framebuffer = optional_text(object, "framebuffer", file);
  if (!made_way.framebuffer.empty() && !is_firmware_framebuffer(made_way.framebuffer))
    malformed(file, fmt::format("\"framebuffer\": {}", shown(object["framebuffer"])),
              "a framebuffer of the firmware");
  return made_way;
}

}  // namespace

std::string home_path(PciAddress address) {
  return fmt::format("{}/{}", kHomeFolder, address.to_string());
}

std::string to_home_file(const Home& home) {
  nlohmann::ordered_json object;
  object["format"] = kHomeFormat;
  object["driver"] = home.state.driver;
  object["driver_override"] = home.state.driver_override;
  const Identity& identity = home.identity;
  object["vendor"] = fmt::format("{:04x}", identity.vendor.value_or(0));
  object["device"] = fmt::format("{:04x}", identity.device.value_or(0));
  if (home.d3cold_allowed) object["d3cold_allowed"] = *home.d3cold_allowed;
  if (home.persistence) object["persistence"] = *home.persistence;
  const auto add_id = [&](const char* key, std::optional<std::uint16_t> id) {
    if (id) object[key] = fmt::format("{:04x}", *id);
  };
  add_id("subsystem_vendor", identity.subsystem_vendor);
  add_id("subsystem_device", identity.subsystem_device);
  const auto add_text = [&](const char* key, const std::string& text) {
    if (!text.empty()) object[key] = text;
  };
  add_text("serial", identity.serial);
  add_text("uuid", identity.uuid);
  add_text("path", identity.path);
  const MadeWay& made_way = home.made_way;
  if (!made_way.services.empty()) object["services"] = made_way.services;
  if (made_way.console) object["console"] = true;
  add_text("framebuffer", made_way.framebuffer);
  add_text("guest", home.guest);
  return object.dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
}

Home parse_home_file(PciAddress address, std::string_view content) {
  const std::string file = home_path(address);
  const auto parsed = json_in(content, JsonPlace(file));
  if (!parsed || !parsed->is_object()) malformed(file, parsed ? shown(*parsed) : "no JSON", "a JSON object");
  const json& object = *parsed;
  if (const json& format = field(object, "format", file); format != kHomeFormat)
    malformed(file, "format " + shown(format), fmt::to_string(kHomeFormat));
  Home home;
  home.address = address;
  home.state.driver = driver_field(object, "driver", file);
  home.state.driver_override = driver_field(object, "driver_override", file);
  home.identity.vendor = id_field(object, "vendor", file);
  home.identity.device = id_field(object, "device", file);
  home.d3cold_allowed = flag_field(object, "d3cold_allowed", file);
  home.persistence = flag_field(object, "persistence", file);
  home.identity.subsystem_vendor = optional_id(object, "subsystem_vendor", file);
  home.identity.subsystem_device = optional_id(object, "subsystem_device", file);
  home.identity.serial = optional_text(object, "serial", file);
  home.identity.uuid = optional_text(object, "uuid", file);
  home.identity.path = optional_text(object, "path", file);
  home.made_way = made_way_in(object, file);
  home.guest = optional_text(object, "guest", file);
  return home;
}

bool is_driver_name(std::string_view name) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-";
  return !name.empty() && name.size() < 256 && name != "." && name != ".." &&
         name.find_first_not_of(kAllowed) == name.npos;
}

bool is_unit_name(std::string_view name) {
  const bool unit = name.ends_with(".service") || name.ends_with(".scope");
  return unit && name.size() < 256 && !name.starts_with('-') && name.find('/') == name.npos;
}

}  // namespace gpupass
