// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/names.hpp"

#include <algorithm>

#include "gpupass/render.hpp"
#include "values/model.hpp"

namespace gpupass {

std::string short_address(const Host& host, DeviceId device) {
  const std::string address = device.to_string();
  const auto elsewhere = [](const PciFunction& function) { return function.address.domain != 0; };
  if (device.is_mediated() || std::ranges::any_of(host.functions, elsewhere)) return address;
  return address.substr(address.find(':') + 1);
}

std::string model_name(const PciFunction& function, const NameLookup& names) {
  if (!function.vendor || !function.device || !names) return ids_of(function);
  const std::string name = printable(names(*function.vendor, *function.device).device);
  if (name.empty()) return ids_of(function);
  const std::size_t bracket = name.rfind('[');
  if (!name.ends_with(']') || bracket + 2 >= name.size()) return name;
  return name.substr(bracket + 1, name.size() - bracket - 2);
}

}  // namespace gpupass
