// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/mig.hpp"

/// The file in which NVIDIA's vgpu-device-manager declares vGPUs, as plain values.
#pragma GCC visibility push(default)
namespace gpupass {

/// One entry of such a file: all vGPUs of each GPU that it matches.
struct VgpuEntry {
  std::vector<MigDeviceFilter> filters = {};           ///< Empty: every model.
  std::optional<std::vector<unsigned>> devices = {};   ///< By index. Nothing: all.
  std::map<std::string, unsigned, std::less<>> types;  ///< How many of each, by name: "A100-4C".
  std::string where = {};                              ///< "config.yaml:12", for messages.
};

/// What the file declares: under each label the entries, in their order.
using VgpuLabels = std::map<std::string, std::vector<VgpuEntry>, std::less<>>;

/// Reads the YAML that vgpu-device-manager reads, by its rules; `name` is the file's, for messages. @throws
/// Error Malformed, with the line, for what it refuses, and for a filter that could match nothing, a key that
/// stands twice, and an empty list.
VgpuLabels parse_vgpu_file(std::string_view yaml, const std::string& name);

}  // namespace gpupass
#pragma GCC visibility pop
