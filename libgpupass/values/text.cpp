// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/text.hpp"

#include <fmt/format.h>

#include "values/card.hpp"
#include "values/model.hpp"

namespace gpupass {

void append_once(std::string& list, const std::string& part, const char* separator) {
  if (part.empty() || list.find(part) != list.npos) return;
  if (!list.empty()) list += separator;
  list += part;
}

std::string gpu_line(const Host& host, const PciFunction& gpu, const NameLookup& names) {
  const Fact<int> node = nearest_numa_node(host, gpu);
  const std::string ids = ids_of(gpu), name = name_of(gpu, names);
  return fmt::format("{}  {}  node {}{}{}", gpu.address.to_string(), ids, node ? fmt::to_string(*node) : "?",
                     name == ids ? "" : "  ", name == ids ? "" : name);
}

std::string gpus_text(const Host& host, const NameLookup& names) {
  std::string text;
  for (const PciFunction& function : host.functions)
    if (is_gpu(function) && !is_virtual(function)) text += '\n' + gpu_line(host, function, names);
  return text.empty() ? "this host has no GPU (class 03xx or 12xx)" : "this host has these GPUs:" + text;
}

std::string device_text(const PciFunction& function) {
  std::string text = function.address.to_string();
  text += function.class_code ? fmt::format(" (class {:06x}, ", *function.class_code) : " (class unknown, ";
  if (function.driver) return text + "driver " + *function.driver + ")";
  return text + (function.driver.absent() ? "no driver)" : "driver unknown)");
}

std::string devices_text(const std::vector<const PciFunction*>& functions) {
  std::string text;
  for (const PciFunction* function : functions) append_once(text, device_text(*function), ", ");
  return text;
}

}  // namespace gpupass
