// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/text.hpp"

#include <fmt/format.h>

#include "values/card.hpp"

namespace gpupass {

void append_once(std::string& list, const std::string& part, const char* separator) {
  if (part.empty() || list.find(part) != list.npos) return;
  if (!list.empty()) list += separator;
  list += part;
}

std::string gpus_text(const Host& host) {
  std::string text;
  for (const PciFunction& function : host.functions) {
    if (!is_gpu(function) || is_virtual(function)) continue;
    text += text.empty() ? "this host has the GPUs " : ", ";
    text += function.address.to_string();
    if (function.vendor && function.device)
      text += fmt::format(" ({:04x}:{:04x})", *function.vendor, *function.device);
  }
  return text.empty() ? "this host has no GPU (class 03xx or 12xx)" : text;
}

std::string device_text(const PciFunction& function) {
  std::string text = function.address.to_string();
  text += function.class_code ? fmt::format(" (class {:06x}, ", *function.class_code) : " (class unknown, ";
  if (function.driver) return text + "driver " + *function.driver + ")";
  return text + (function.driver.absent() ? "no driver)" : "driver unknown)");
}

}  // namespace gpupass
