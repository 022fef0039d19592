// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/schema.hpp"

namespace gpupass {

std::string type_name_in(std::string_view function) {
  // "... [with T = Claim::Owner; ...]" of GCC, "... [T = gpupass::Claim::Owner]" of Clang.
  constexpr std::string_view kBefore = "T = ";
  function.remove_prefix(function.find(kBefore) + kBefore.size());
  std::string name(function.substr(0, function.find_first_of(";]")));
  for (const std::string_view part : {"gpupass::", "::"})
    for (std::size_t at = name.find(part); at != std::string::npos; at = name.find(part))
      name.erase(at, part.size());
  return name;
}

nlohmann::ordered_json reference_to(const std::string& name) {
  return {{"$ref", "#/$defs/" + name}};
}

nlohmann::ordered_json common_definitions() {
  using Json = nlohmann::ordered_json;
  const auto text_with = [](const char* pattern, const char* description) {
    return Json{{"type", "string"}, {"pattern", pattern}, {"description", description}};
  };
  Json definitions;
  definitions["Text"] = {
      {"anyOf",
       {{{"type", "string"}},
        {{"type", "object"},
         {"properties", {{"bytes", {{"type", "string"}, {"pattern", "^([0-9a-f]{2})*$"}}}}},
         {"required", {"bytes"}},
         {"description", "A text that is no UTF-8, in hexadecimal digits."}}}}};
  definitions["Unknown"] = {{"type", "object"},
                            {"properties", {{"unknown", reference_to("Text")}}},
                            {"required", {"unknown"}},
                            {"description", "A fact that could not be determined, and why."}};
  definitions["PciAddress"] = text_with("^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]$", "0000:65:00.0");
  definitions["DeviceId"] =
      text_with("^([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$",
                "The address of a PCI function, or the UUID of a mediated device.");
  definitions["CpuSet"] = text_with("^([0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*)?$", "0-3,8");
  return definitions;
}

}  // namespace gpupass
