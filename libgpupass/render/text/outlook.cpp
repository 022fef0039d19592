// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "gpupass/render.hpp"
#include "values/card.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

using Devices = std::vector<DeviceId>;

bool contains(const Devices& devices, DeviceId device) {
  return std::ranges::find(devices, device) != devices.end();
}

/// The GPUs among the devices, and their slices: the mediated devices.
Devices gpus_in(const Devices& devices, const Host& host) {
  Devices gpus;
  for (const DeviceId device : devices) {
    const PciFunction* function = find_function(host, device);
    if (device.is_mediated() || (function && is_gpu(*function))) gpus.push_back(device);
  }
  return gpus;
}

/// A few by name, many by number.
std::string gpus_text(const Devices& gpus) {
  constexpr std::size_t kFew = 3;
  return gpus.size() > kFew ? fmt::format("{} GPUs", gpus.size()) : addresses_text(gpus);
}

/// Those of `more` that are not in `devices`.
Devices added(const Devices& devices, const Devices& more) {
  Devices result;
  std::ranges::copy_if(more, std::back_inserter(result),
                       [&](DeviceId device) { return !contains(devices, device); });
  return result;
}

const char* guest_words(const Domain& before, const Domain& then) {
  if (then.active) return "runs";
  return before.active ? "is off" : "is defined";
}

/// What becomes of one guest: whether it runs and is defined, and with which GPUs.
std::string outlook_of(const Domain& before, const Domain& then, const Host& host) {
  const Devices& had = before.active ? before.live_devices : before.persistent_devices;
  const Devices& has = then.active ? then.live_devices : then.persistent_devices;
  const Devices gained = gpus_in(added(had, has), host), lost = gpus_in(added(has, had), host);
  const Devices later = gpus_in(added(before.persistent_devices, then.persistent_devices), host);
  const Devices no_more = gpus_in(added(then.persistent_devices, before.persistent_devices), host);
  std::vector<std::string> parts;
  if (before.active != then.active || before.persistent != then.persistent || before.name.empty()) {
    const Devices gpus = gpus_in(has, host);
    parts.push_back(guest_words(before, then) + (gpus.empty() ? "" : " with " + gpus_text(gpus)));
  } else {
    if (!gained.empty()) parts.push_back("has " + gpus_text(gained));
    if (!lost.empty()) parts.push_back("is without " + gpus_text(lost));
  }
  if (then.active && !later.empty() && gained != later)
    parts.push_back("starts with " + gpus_text(later) + " the next time");
  if (then.active && !no_more.empty() && lost != no_more)
    parts.push_back("starts without " + gpus_text(no_more) + " the next time");
  return parts.empty() ? "" : fmt::format("{} {}", then.name, fmt::join(parts, ", and "));
}

std::string driver_words(const PciFunction& function, bool many) {
  const char* is = many ? "are" : "is";
  if (!function.driver)
    return fmt::format(
        "{} {}", is,
        function.driver.absent() ? "without a driver" : "with the driver that the kernel chooses");
  if (is_vfio_driver(*function.driver))
    return fmt::format("{} on {}, ready for a guest", is, *function.driver);
  return fmt::format("{} on {}", is, *function.driver);
}

/// GPUs that change drivers, and that no guest holds then; those with the same driver together.
void add_drivers(std::vector<std::string>& parts, const Host& host, const Host& then) {
  Devices held;
  if (then.domains)
    for (const Domain& domain : *then.domains)
      held.insert(held.end(), domain.live_devices.begin(), domain.live_devices.end());
  std::map<std::string, Devices> gpus_by_driver;
  std::map<std::string, const PciFunction*> one_of;
  for (const PciFunction& function : then.functions) {
    const PciFunction* before = find_function(host, function.address);
    if (!before || !is_gpu(function) || before->driver == function.driver) continue;
    if (contains(held, function.address)) continue;
    const std::string driver = driver_words(function, /*many=*/false);
    gpus_by_driver[driver].push_back(function.address);
    one_of[driver] = &function;
  }
  for (const auto& [driver, gpus] : gpus_by_driver)
    parts.push_back(gpus_text(gpus) + ' ' + driver_words(*one_of[driver], gpus.size() > 1));
}

/// GPUs that are cut in another way.
void add_slices(std::vector<std::string>& parts, const Host& host, const Host& then) {
  for (const PciFunction& function : then.functions) {
    const PciFunction* before = find_function(host, function.address);
    if (!before || !function.sriov || !before->sriov || before->sriov->vfs == function.sriov->vfs) continue;
    const unsigned count = function.sriov->vfs;
    parts.push_back(fmt::format("{} has {} virtual function{}", function.address.to_string(),
                                count == 0 ? "no" : fmt::to_string(count), count == 1 ? "" : "s"));
  }
}

/// Virtual functions that carry another vGPU.
void add_vgpus(std::vector<std::string>& parts, const Host& host, const Host& then) {
  std::map<unsigned, Devices> functions;  // By the type that they have then.
  for (const PciFunction& function : then.functions) {
    const PciFunction* before = find_function(host, function.address);
    if (before && function.vgpu_type && before->vgpu_type != function.vgpu_type)
      functions[*function.vgpu_type].push_back(function.address);
  }
  for (const auto& [type, devices] : functions) {
    const bool many = devices.size() > 1;
    const std::string what = type == 0 ? std::string(many ? "are without a vGPU" : "is without a vGPU")
                                       : fmt::format("{} of type {}", many ? "are vGPUs" : "is a vGPU", type);
    parts.push_back(fmt::format("{} {}", addresses_text(devices), what));
  }
}

std::string mig_outlook(const Mig& mig) {
  if (!mig.enabled) return "is not in MIG mode";
  if (mig.instances.empty()) return "is in MIG mode, without an instance";
  const std::size_t count = mig.instances.size();
  return fmt::format("has {} MIG instance{}", count, count == 1 ? "" : "s");
}

/// GPUs whose MIG is another one.
void add_mig(std::vector<std::string>& parts, const Host& host, const Host& then) {
  for (const PciFunction& function : then.functions) {
    const PciFunction* before = find_function(host, function.address);
    if (before && function.mig && before->mig && before->mig != function.mig)
      parts.push_back(fmt::format("{} {}", function.address.to_string(), mig_outlook(*function.mig)));
  }
}

Devices mediated_devices(const Host& host) {
  Devices devices;
  for (const PciFunction& function : host.functions)
    if (function.slicing)
      for (const MediatedType& type : function.slicing->mediated_types.value_or({}))
        for (const std::string& uuid : type.devices.value_or({}))
          if (const auto device = DeviceId::parse(uuid)) devices.push_back(*device);
  return devices;
}

Devices mediated_at_boot(const Host& host) {
  Devices devices;
  for (const MediatedDefinition& each : host.mediated_definitions.value_or({}))
    if (const auto device = DeviceId::parse(each.uuid); device && each.at_boot) devices.push_back(*device);
  return devices;
}

void add_mediated(std::vector<std::string>& parts, const Host& host, const Host& then) {
  const auto tell = [&](const Devices& devices, const char* one, const char* several) {
    if (!devices.empty())
      parts.push_back(fmt::format("{} {}", addresses_text(devices), devices.size() == 1 ? one : several));
  };
  const Devices before = mediated_devices(host), after = mediated_devices(then);
  tell(added(before, after), "is there", "are there");
  tell(added(after, before), "is gone", "are gone");
  const Devices booted = mediated_at_boot(host), boots = mediated_at_boot(then);
  tell(added(booted, boots), "comes with every boot", "come with every boot");
  tell(added(boots, booted), "comes with no boot", "come with no boot");
}

void add_guests(std::vector<std::string>& parts, const Host& host, const Host& then) {
  static const std::vector<Domain> kNone;
  const std::vector<Domain>& before = host.domains ? *host.domains : kNone;
  const std::vector<Domain>& after = then.domains ? *then.domains : kNone;
  for (const Domain& domain : after) {
    const Domain* old = find_domain(host, domain.name);
    if (const std::string text = outlook_of(old ? *old : Domain(), domain, then); !text.empty())
      parts.push_back(text);
  }
  for (const Domain& domain : before)
    if (!find_domain(then, domain.name)) parts.push_back(domain.name + " is no more");
}

Devices bound_at_boot(const Host& host) {
  Devices devices;
  if (host.boot_bindings)
    for (const BootBinding& binding : *host.boot_bindings) devices.push_back(binding.address);
  return gpus_in(devices, host);
}

void add_boot(std::vector<std::string>& parts, const Host& host, const Host& then) {
  const Devices before = bound_at_boot(host), after = bound_at_boot(then);
  if (const Devices more = added(before, after); !more.empty())
    parts.push_back("every boot binds " + gpus_text(more));
  if (const Devices less = added(after, before); !less.empty())
    parts.push_back("no boot binds " + gpus_text(less));
}

}  // namespace

std::string render_outlook(const Host& host, const Host& then) {
  std::vector<std::string> parts;
  add_drivers(parts, host, then);
  add_slices(parts, host, then);
  add_vgpus(parts, host, then);
  add_mig(parts, host, then);
  add_mediated(parts, host, then);
  add_guests(parts, host, then);
  add_boot(parts, host, then);
  return fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace gpupass
