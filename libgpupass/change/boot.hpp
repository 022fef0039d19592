// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fmt/ranges.h>

#include "change/driver.hpp"
#include "change/json.hpp"
#include "change/kind.hpp"
#include "codec/boot_file.hpp"
#include "values/error.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

/// Which functions every boot binds to vfio-pci.
template <>
struct Kind<SetBootBindings> : PlainKind {
  static constexpr const char* kName = "boot";

  static void fields(auto& visit, auto& change) {
    visit("bindings", change.bindings);
    visit("tool", change.tool);
    visit("images", change.images);
  }

  static Json shown(const SetBootBindings& change) {
    Json bindings = Json::array();
    for (const BootBinding& binding : change.bindings) {
      bindings.push_back({{"address", binding.address.to_string()}});
      bindings.back().update(gpupass::shown(binding));
    }
    return {{"bindings", std::move(bindings)},
            {"tool", json_of_value(change.tool)},
            {"images", json_of_value(change.images)}};
  }

  static std::string words(const SetBootBindings& change) {
    std::vector<std::string> devices, images;
    for (const BootBinding& binding : change.bindings) devices.push_back(binding.address.to_string());
    for (const BootImage& image : change.images) images.push_back(image.path);
    return fmt::format("bind {} at boot: {} {}, build {}",
                       devices.empty() ? "nothing" : fmt::format("{}", fmt::join(devices, ", ")),
                       devices.empty() ? "remove" : "write", kBootFile, fmt::join(images, ", "));
  }

  static std::string subject(const SetBootBindings&) { return "what is bound at boot"; }

  static std::set<std::string> locks(const SetBootBindings&) { return {lock_of_boot()}; }

  static bool lasts(const SetBootBindings&) { return true; }

  static bool steers_boot(const SetBootBindings&) { return true; }

  /// The device that a binding means, bound as the boot binds it.
  static std::vector<BootChange> made_by_boot(const SetBootBindings& change) {
    const auto id = [](std::optional<std::uint16_t> number) {
      return fmt::format("{:#06x}", number.value_or(0));
    };
    std::vector<BootChange> changes;
    for (const BootBinding& binding : change.bindings) {
      const std::string folder = sysfs_folder(binding.address) + "/";
      using enum Assumption::Kind;
      changes.push_back({Kind<SetDriver>::subject({binding.address, {}}),
                         {{Attribute, folder + "vendor", id(binding.identity.vendor)},
                          {Attribute, folder + "device", id(binding.identity.device)},
                          {Link, folder + "driver", "vfio-pci"},
                          {Attribute, folder + "driver_override", "vfio-pci"}}});
    }
    return changes;
  }

  static void require_well_formed(const SetBootBindings& change) {
    if (std::string file = to_boot_file(change.bindings); !file.empty()) {
      file.pop_back();
      parse_boot_file(file);
    }
    for (const BootImage& image : change.images) {
      const bool named = image.path == "/boot/initrd.img-" + image.kernel ||
                         image.path == fmt::format("/boot/initramfs-{}.img", image.kernel);
      if (!named || !is_kernel_name(image.kernel))
        throw failure(ErrorCode::Malformed, "plan a change of", image.path,
                      fmt::format("kernel {:?}", image.kernel),
                      "/boot/initrd.img-KERNEL or /boot/initramfs-KERNEL.img");
    }
  }

  static void effect(Host& host, const SetBootBindings& change) { host.boot_bindings = change.bindings; }
};

}  // namespace gpupass
