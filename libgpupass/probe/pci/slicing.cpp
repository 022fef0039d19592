// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/slicing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpupass/device.hpp"
#include "probe/pci/attributes.hpp"
#include "values/number.hpp"
#include "values/words.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kMediatedTypes = "mdev_supported_types";

/// What a driver says in its own words, in one line.
std::optional<std::string> parse_words_of_driver(std::string_view text) {
  std::string line;
  for (const std::string_view part : lines_of(text))
    if (!part.empty()) line.append(line.empty() ? "" : ", ").append(part);
  return line;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// One line: "1145  : NVIDIA L40S-1B". nullopt for the header, "ID    : vGPU Name", which some versions of
/// the driver do not print.
std::optional<VgpuType> parse_vgpu_type(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == line.npos) return std::nullopt;
  const auto id = parse_number<unsigned>(trimmed(line.substr(0, colon)));
  if (!id) return std::nullopt;
  return VgpuType{*id, std::string(trimmed(line.substr(colon + 1)))};
}

/// A header alone, or nothing, says that none can be made now.
std::optional<std::vector<VgpuType>> parse_vgpu_types(std::string_view text) {
  std::vector<VgpuType> types;
  for (const std::string_view line : lines_of(text)) {
    if (trimmed(line).empty()) continue;
    if (auto type = parse_vgpu_type(line))
      types.push_back(*std::move(type));
    else if (!trimmed(line).starts_with("ID"))
      return std::nullopt;
  }
  std::ranges::sort(types, {}, &VgpuType::id);
  return types;
}

const Form<std::string> kWordsOfDriver{parse_words_of_driver, "words"};
const Form<std::vector<VgpuType>> kVgpuTypes{parse_vgpu_types, "lines with an id, a colon and a name"};

Fact<std::vector<std::string>> mediated_devices(const Folder& folder, const std::string& type) {
  const std::string name = fmt::format("{}/{}/devices", kMediatedTypes, type);
  Fact<std::vector<std::string>> devices = folder.expected(name, folder.list(name));
  if (!devices) return devices;
  for (const std::string& uuid : *devices) {
    const auto device = DeviceId::parse(uuid);
    if (!device || !device->is_mediated())
      return folder.unknown(name, "saw " + shown(uuid) + ", expected a UUID");
  }
  return devices;
}

Fact<std::vector<MediatedType>> mediated_types(const Folder& folder) {
  const auto names = folder.list(kMediatedTypes);
  if (!names) return names.without_value<std::vector<MediatedType>>();
  std::vector<MediatedType> types;
  for (const std::string& type : *names) {
    const auto in_type = [&](const char* name) {
      return fmt::format("{}/{}/{}", kMediatedTypes, type, name);
    };
    types.push_back({type, folder.read(in_type("name"), kWordsOfDriver),
                     folder.read(in_type("description"), kWordsOfDriver),
                     folder.read(in_type("device_api"), kWordsOfDriver),
                     folder.expect(in_type("available_instances"), kDecimal),
                     mediated_devices(folder, type)});
  }
  return types;
}

}  // namespace

void read_slicing(const Folder& folder, bool wedged, PciFunction& function) {
  Slicing slicing;
  slicing.drivers_autoprobe =
      function.sriov.absent() ? Fact<bool>(Absent{}) : folder.read("sriov_drivers_autoprobe", kFlag);
  slicing.sriov_admin = Absent{};
  if (const auto admin = folder.list("sriov_admin"); !admin.absent())
    slicing.sriov_admin = admin ? Fact<bool>(true) : admin.without_value<bool>();
  const Unknown hung{kHasHung};
  slicing.mediated_types = wedged ? Fact<std::vector<MediatedType>>(hung) : mediated_types(folder);
  slicing.creatable_vgpus = Absent{};
  if (function.physical_function && wedged)
    slicing.creatable_vgpus = hung;
  else if (function.physical_function)
    slicing.creatable_vgpus = folder.read("nvidia/creatable_vgpu_types", kVgpuTypes);
  function.slicing = std::move(slicing);
}

}  // namespace gpupass
