// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "codec/boot_file.hpp"
#include "probe/cpu/cpus.hpp"
#include "values/words.hpp"

namespace gpupass {

namespace {

using Names = Fact<std::vector<std::string>>;

/// Whether a list has the name. Absent: there is no list.
Fact<bool> has(const Names& names, std::string_view name) {
  if (!names) return names.without_value<bool>();
  return std::ranges::find(*names, name) != names->end();
}

/// The features of the first CPU of x86. Empty: of another architecture, or not told.
std::vector<std::string_view> features_of(std::string_view cpuinfo) {
  for (const std::string_view line : lines_of(cpuinfo))
    if (const auto words = words_of(line); words.front() == "flags") return words;
  return {};
}

/// The one that counts stands in brackets: "none [integrity] confidentiality".
Fact<std::string> read_lockdown(const System& system) {
  const Fact<std::string> text = system.read("/sys/kernel/security/lockdown");
  if (!text) return text;
  for (const std::string_view word : words_of(*text))
    if (word.starts_with('[') && word.ends_with(']')) return std::string(word.substr(1, word.size() - 2));
  return Unknown{"/sys/kernel/security/lockdown: no word stands in brackets"};
}

/// The folder of the driver is there once it is loaded. Its module has a place in the kernel's own tree; what
/// compressed it has put an ending behind its name.
Fact<bool> read_vfio_pci(const System& system) {
  if (system.list("/sys/bus/pci/drivers/vfio-pci").known()) return true;
  const std::string kernel = system.read("/proc/sys/kernel/osrelease").value_or("");
  if (!is_kernel_name(kernel)) return Absent{};
  const std::string folder = "/lib/modules/" + kernel;
  if (const Names all = system.list(folder); !all) return all.without_value<bool>();
  const Names modules = system.list(folder + "/kernel/drivers/vfio/pci");
  if (modules.unknown()) return Unknown{modules.why()};
  return std::ranges::any_of(modules.value_or({}),
                             [](const std::string& name) { return name.starts_with("vfio-pci.ko"); });
}

}  // namespace

Platform read_platform(const System& system) {
  Platform platform;
  platform.cpu_virtualization = platform.virtual_machine = Absent{};
  const std::string cpuinfo = cpuinfo_lines(system.read("/proc/cpuinfo").value_or(""));
  if (const auto features = features_of(cpuinfo); !features.empty()) {
    const auto offers = [&](std::string_view name) {
      return std::ranges::find(features, name) != features.end();
    };
    platform.cpu_virtualization = offers("vmx") || offers("svm");
    platform.virtual_machine = offers("hypervisor");
  }
  const Names devices = system.list("/sys/class/misc");
  platform.kvm = has(devices, "kvm");
  platform.vfio_container = has(devices, "vfio");
  platform.iommufd = has(devices, "iommu");
  platform.vfio_pci = read_vfio_pci(system);
  platform.lockdown = read_lockdown(system);
  return platform;
}

}  // namespace gpupass
