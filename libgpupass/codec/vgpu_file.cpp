// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "codec/labelled_file.hpp"
#include "gpupass/vgpu.hpp"
#include "values/declared_slices.hpp"

/// The file of vgpu-device-manager, by the rules of its api/spec/v1.
namespace gpupass {

namespace {

class VgpuFile : public LabelledFile {
 public:
  using LabelledFile::LabelledFile;
  VgpuEntry entry_from(const YamlNode& node) const;
};

VgpuEntry VgpuFile::entry_from(const YamlNode& node) const {
  constexpr unsigned kMost = 1024;
  expect_keys(node, " of an entry", {"device-filter", "devices", "vgpu-devices"});
  VgpuEntry entry;
  entry.where = at(node);
  entry.devices = devices_from(required(node, "devices"));
  entry.filters = filters_from(node);
  const YamlNode& types = required(node, "vgpu-devices");
  expect_map(types, "types, each with a number, as {\"A100-4C\": 10}, or {}");
  for (std::size_t at = 0; at < types.keys.size(); ++at) {
    const YamlNode& type = types.keys[at];
    if (!is_type_name(type.text)) refuse_value(type, "the name of a type, as \"A100-4C\"");
    if (const unsigned count = number_from(types.items[at], kMost, "a number of vGPUs"))
      entry.types[type.text] = count;
  }
  if (entry.types.empty() && !types.keys.empty()) refuse(types, "0 of each type", "some, or {}");
  return entry;
}

}  // namespace

VgpuLabels parse_vgpu_file(std::string_view yaml, const std::string& name) {
  const VgpuFile file(name);
  return file.labels<VgpuEntry>(parse_yaml(yaml, name), "vgpu-configs",
                                [&](const YamlNode& entry) { return file.entry_from(entry); });
}

}  // namespace gpupass
