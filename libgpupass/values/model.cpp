// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/model.hpp"

#include <fmt/format.h>

#include "gpupass/render.hpp"

namespace gpupass {

std::string ids_of(const PciFunction& function) {
  if (!function.vendor || !function.device) return "?";
  return fmt::format("{:04x}:{:04x}", *function.vendor, *function.device);
}

std::string name_of(const PciFunction& function, const NameLookup& names) {
  if (!function.vendor || !function.device) return "?";
  const PciNames known = names ? names(*function.vendor, *function.device) : PciNames();
  if (known.device.empty())
    return printable(known.vendor.empty() ? ids_of(function) : known.vendor + " " + ids_of(function));
  return printable(known.vendor.empty() ? known.device : known.vendor + " " + known.device);
}

}  // namespace gpupass
