// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/mediated_definitions.hpp"

#include <string>
#include <utility>

#include "codec/mdevctl_file.hpp"
#include "gpupass/device.hpp"
#include "gpupass/error.hpp"
#include "values/mediated.hpp"

namespace gpupass {

namespace {

/// @throws Error where the file cannot be read.
MediatedDefinition definition_in(const System& system, PciAddress parent, const std::string& uuid) {
  const std::string path = mdevctl_path(parent, uuid);
  const Fact<std::string> text = system.read(path);
  if (!text) throw Error(ErrorCode::System, path, text.absent() ? path + " does not exist" : text.why());
  MediatedDefinition definition = parse_mdevctl_file(*text);
  definition.parent = parent;
  definition.uuid = uuid;
  return definition;
}

}  // namespace

/// Beside the folders of PCI functions there are those of other parents, and one of scripts.
Fact<std::vector<MediatedDefinition>> read_mediated_definitions(const System& system, Limits& limits) {
  const std::string folder(kMdevctlFolder);
  const auto parents = system.list(folder);
  if (parents.absent()) return Absent{};
  const auto unknown = [&](const std::string& why) {
    limits.add("what mdevctl keeps", why);
    return Unknown{why};
  };
  if (!parents) return unknown(parents.why());
  std::vector<MediatedDefinition> definitions;
  for (const std::string& name : *parents) {
    const auto parent = PciAddress::parse(name);
    if (!parent || parent->to_string() != name) continue;
    const auto uuids = system.list(folder + '/' + name);
    if (uuids.unknown()) return unknown(uuids.why());
    for (const std::string& uuid : uuids.value_or({})) try {
        const auto device = DeviceId::parse(uuid);
        if (device && device->is_mediated()) definitions.push_back(definition_in(system, *parent, uuid));
      } catch (const Error& error) {
        return unknown(error.what());
      }
  }
  return definitions;
}

}  // namespace gpupass
