// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gpupass/pci.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// The drivers of VFIO's that the running kernel has for some devices, beside vfio-pci for all. Their modules
/// have aliases as those of the host's drivers do, with "vfio_pci:" in the place of "pci:" (Linux,
/// include/linux/mod_devicetable.h, PCI_ID_F_VFIO_DRIVER_OVERRIDE).
class VfioVariants {
 public:
  explicit VfioVariants(const System& system) : system_(system) {}

  /// As PciFunction::vfio_driver; ids, class, subsystem and physical function must have been read.
  Fact<std::string> driver_for(const PciFunction& function);

 private:
  const std::string& aliases();
  std::string driver_of(const std::string& module) const;

  const System& system_;
  std::optional<std::string> aliases_;
};

/// The lines of modules.alias that speak of VFIO.
std::string vfio_alias_lines(std::string_view text);
/// Whether this is the path of a kernel's modules.alias.
bool is_modules_alias(std::string_view path);

}  // namespace gpupass
