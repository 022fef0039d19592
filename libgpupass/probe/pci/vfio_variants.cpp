// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/vfio_variants.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <limits>

#include "codec/boot_file.hpp"
#include "values/words.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kModules = "/lib/modules/", kAliases = "/modules.alias";
constexpr std::string_view kAlias = "alias vfio_pci:";

/// What the kernel's sources say of a module, beyond its aliases.
struct Variant {
  std::string_view module, driver;
  bool virtual_only;  ///< For another function it does what vfio-pci does, and wants the host's driver, too.
};
constexpr std::array<Variant, 2> kVariants = {{
    {"virtio_vfio_pci", "virtio_vfio_pci", true},  // drivers/vfio/pci/virtio/main.c
    {"xe_vfio_pci", "xe-vfio-pci", true},          // drivers/vfio/pci/xe/main.c
}};

const Variant* find_variant(std::string_view module) {
  const auto found = std::ranges::find(kVariants, module, &Variant::module);
  return found == kVariants.end() ? nullptr : &*found;
}

/// As the kernel spells it in `modalias`. What is not known matches nothing but "*".
std::string modalias_of(const PciFunction& function) {
  constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  const auto id = [](const Fact<std::uint16_t>& fact) { return fact ? std::uint32_t{*fact} : kNone; };
  const std::uint32_t code = function.class_code.value_or(0);
  return fmt::format("vfio_pci:v{:08X}d{:08X}sv{:08X}sd{:08X}bc{:02X}sc{:02X}i{:02X}", id(function.vendor),
                     id(function.device), id(function.subsystem_vendor), id(function.subsystem_device),
                     code >> 16 & 0xff, code >> 8 & 0xff, code & 0xff);
}

}  // namespace

std::string vfio_alias_lines(std::string_view text) {
  std::string kept;
  for (const std::string_view line : lines_of(text))
    if (line.starts_with(kAlias)) kept += fmt::format("{}\n", line);
  if (!kept.empty()) kept.pop_back();
  return kept;
}

bool is_modules_alias(std::string_view path) {
  return path.starts_with(kModules) && path.ends_with(kAliases);
}

const std::string& VfioVariants::aliases() {
  if (!aliases_) {
    const std::string kernel = system_.read("/proc/sys/kernel/osrelease").value_or("");
    aliases_ =
        is_kernel_name(kernel)
            ? vfio_alias_lines(system_.read(fmt::format("{}{}{}", kModules, kernel, kAliases)).value_or(""))
            : std::string();
  }
  return *aliases_;
}

/// A module that is loaded tells the name of its driver. Most have one and the same.
std::string VfioVariants::driver_of(const std::string& module) const {
  constexpr std::string_view kBus = "pci:";
  for (const std::string& name : system_.list("/sys/module/" + module + "/drivers").value_or({}))
    if (name.starts_with(kBus)) return name.substr(kBus.size());
  const Variant* variant = find_variant(module);
  return variant ? std::string(variant->driver) : module;
}

/// Of several aliases the one with the fewest "*" says most of the device.
Fact<std::string> VfioVariants::driver_for(const PciFunction& function) {
  const std::string modalias = modalias_of(function);
  std::string module;
  std::ptrdiff_t fewest = std::numeric_limits<std::ptrdiff_t>::max();
  for (const std::string_view line : lines_of(aliases())) {
    const auto words = words_of(line);
    if (words.size() != 3) continue;
    const std::string alias(words[1]);
    const std::ptrdiff_t open = std::ranges::count(alias, '*');
    if (open >= fewest || fnmatch(alias.c_str(), modalias.c_str(), 0) != 0) continue;
    fewest = open;
    module = words[2];
  }
  if (module.empty() || module == "vfio_pci") return Absent{};
  const Variant* variant = find_variant(module);
  if (variant && variant->virtual_only && !function.physical_function) return Absent{};
  return driver_of(module);
}

}  // namespace gpupass
