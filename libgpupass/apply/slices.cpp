// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/absence.hpp"
#include "apply/number_at.hpp"
#include "apply/perform.hpp"
#include "codec/mdevctl_file.hpp"
#include "values/mediated.hpp"
#include "values/sysfs.hpp"

/// Slices that drivers make by type: vGPUs and mediated devices.
namespace gpupass {

namespace {

/// Some versions of the driver refuse 0 where it is 0 already, as it is by itself once its guest has ended.
void write_type(Access& access, const std::string& path, unsigned type) try {
  access.set_guarded(path, fmt::to_string(type));
} catch (const Error& error) {
  if (error.code() == ErrorCode::Wedged) throw;
  if (number_at<unsigned>(path, access.read_guarded(path)) != type) throw;
}

/// The type of a mediated device; empty: this parent has no such device.
std::string type_of(const System& system, PciAddress parent, DeviceId device) {
  const std::string path = mediated_type_link(parent, device);
  const Fact<std::string> target = system.link(path);
  if (target.absent()) return {};
  if (!target) throw failure(ErrorCode::System, "read", path, target.why(), "a link");
  return target->substr(target->rfind('/') + 1);
}

std::string or_no_device(const std::string& type) {
  return type.empty() ? "no such device" : "one of type " + type;
}

/// Whether mdevctl makes it at boots; nullopt: mdevctl does not know it.
std::optional<bool> made_at_boot(const System& system, const SetMediatedDefinition& change) {
  const std::string path = mdevctl_path(change.parent, change.device.to_string());
  const Fact<std::string> text = system.read(path);
  if (text.absent()) return std::nullopt;
  if (!text) throw failure(ErrorCode::System, "read", path, text.why(), "its text");
  const MediatedDefinition now = parse_mdevctl_file(*text);
  if (now.type != change.type)
    throw failure(ErrorCode::System, "change", path, "type " + now.type, "type " + change.type);
  return now.at_boot;
}

std::string keeping_words(const std::optional<bool>& at_boot) {
  if (!at_boot) return "no such file";
  return *at_boot ? "one for every boot" : "one that no boot uses";
}

}  // namespace

/// The driver refuses to go from one type to another but through 0.
void perform(Access& access, const SetVgpuType& change) {
  const std::string path = sysfs_path(change.device, "nvidia/current_vgpu_type");
  const auto now = [&] { return number_at<unsigned>(path, access.read_guarded(path)); };
  if (now() == change.type) return;
  if (now() != 0) write_type(access, path, 0);
  if (change.type != 0) write_type(access, path, change.type);
  if (now() != change.type)
    throw failure(ErrorCode::System, "set the vGPU type of", change.device.to_string(), fmt::to_string(now()),
                  fmt::to_string(change.type));
}

/// Its driver makes it within the write, and waits there for whoever has one open that goes.
void perform(Access& access, const SetMediatedDevice& change) {
  const std::string wanted = change.present ? change.type : "", name = change.device.to_string();
  const auto now = [&] { return type_of(access.look(), change.parent, change.device); };
  const std::string before = now();
  if (before == wanted) return;
  if (!before.empty() && before != change.type)
    throw failure(ErrorCode::System, "change the mediated device", name, or_no_device(before),
                  or_no_device(change.type));
  if (change.present)
    access.touch().write_guarded(
        sysfs_path(change.parent, fmt::format("mdev_supported_types/{}/create", change.type)), name);
  else
    access.touch().write_guarded(sysfs_path(change.parent, name + "/remove"), "1");
  if (now() != wanted)
    throw failure(ErrorCode::System,
                  change.present ? "make the mediated device" : "remove the mediated device", name,
                  or_no_device(now()), or_no_device(wanted));
}

void perform(Access& access, const SetMediatedDefinition& change) {
  const auto now = [&] { return made_at_boot(access.look(), change); };
  if (now() == change.at_boot) return;
  access.touch().carry_out(MediatedDefinitionOrder{access.look().hypervisor_uri(), change.device,
                                                   change.parent, change.type, change.at_boot});
  if (now() != change.at_boot)
    throw failure(ErrorCode::System, "have mdevctl keep", change.device.to_string(), keeping_words(now()),
                  keeping_words(change.at_boot));
}

}  // namespace gpupass
