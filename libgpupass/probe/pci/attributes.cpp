// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/attributes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/home_file.hpp"
#include "probe/pci/config.hpp"
#include "values/card.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr std::uint32_t kVgaController = 0x0300;

std::optional<std::uint32_t> parse_class(std::string_view text) {
  if (!text.starts_with("0x")) return std::nullopt;
  const auto code = parse_number<std::uint32_t>(text, 16);
  if (!code || *code > 0xffffff) return std::nullopt;
  return code;
}

std::optional<bool> parse_flag(std::string_view text) {
  if (text != "0" && text != "1") return std::nullopt;
  return text == "1";
}

/// -1 is what the kernel prints when the firmware named no node.
std::optional<int> parse_node(std::string_view text) {
  const auto node = parse_number<int>(text);
  if (!node || *node < -1 || *node > 0xffff) return std::nullopt;
  return node;
}

std::optional<std::string> parse_driver(std::string_view text) {
  if (!is_driver_name(text)) return std::nullopt;
  return std::string(text);
}

/// An override that is not set reads "(null)", or, once it has been cleared, nothing.
std::optional<std::string> parse_override(std::string_view text) {
  if (text.empty() || text == "(null)") return std::string();
  return parse_driver(text);
}

const Form<int> kNode{parse_node, "a node's number or -1"};
const Form<std::string> kDriver{parse_driver, "a driver's name"};
const Form<std::string> kOverride{parse_override, "a driver's name or (null)"};

/// The functions behind virtfn0, virtfn1, ...
Fact<std::vector<PciAddress>> virtual_functions(const Folder& folder, unsigned count) {
  std::vector<PciAddress> addresses;
  for (unsigned index = 0; index < count; ++index) {
    const std::string name = fmt::format("virtfn{}", index);
    const auto address = folder.expected(name, folder.link(name, kPciAddress));
    if (!address) return address.without_value<std::vector<PciAddress>>();
    addresses.push_back(*address);
  }
  std::ranges::sort(addresses);
  return addresses;
}

Fact<Sriov> read_sriov(const Folder& folder, bool wedged) {
  const Fact<unsigned> total = folder.read("sriov_totalvfs", kDecimal);
  if (!total) return total.without_value<Sriov>();
  if (wedged) return folder.unknown("sriov_numvfs", kHasHung);
  const Fact<unsigned> enabled = folder.expect("sriov_numvfs", kDecimal);
  if (!enabled) return enabled.without_value<Sriov>();
  if (*enabled > *total)
    return folder.unknown("sriov_numvfs",
                          fmt::format("saw {}, expected at most sriov_totalvfs, {}", *enabled, *total));
  return Sriov{*total, *enabled};
}

}  // namespace

const Form<bool> kFlag{parse_flag, "0 or 1"};
const Form<std::uint32_t> kClassCode{parse_class, "a hexadecimal number up to 0xffffff"};
const Form<PciAddress> kPciAddress{PciAddress::parse, "a PCI address"};

void read_ids(const Folder& folder, PciFunction& function) {
  function.vendor = folder.expect("vendor", kHex16);
  function.device = folder.expect("device", kHex16);
}

void read_driver(const Folder& folder, PciFunction& function) {
  function.driver = folder.link("driver", kDriver);
  function.vfio_device = Absent{};
  if (!function.driver || is_vfio_driver(*function.driver)) return;
  if (const auto devices = folder.list("vfio-dev"); devices && !devices->empty())
    function.vfio_device = devices->front();
}

void read_override(const Folder& folder, bool wedged, PciFunction& function) {
  if (wedged) {
    function.driver_override = folder.unknown("driver_override", kHasHung);
    return;
  }
  function.driver_override = folder.read("driver_override", kOverride);
  if (function.driver_override && function.driver_override->empty()) function.driver_override = Absent{};
}

void read_numa_node(const Folder& folder, PciFunction& function) {
  function.numa_node = folder.expect("numa_node", kNode);
  if (function.numa_node && *function.numa_node < 0) function.numa_node = Absent{};
}

void read_abilities(const Folder& folder, bool wedged, PciFunction& function) {
  // The kernel has boot_vga for VGA controllers alone: a 3D controller is never the console.
  if (function.class_code && *function.class_code >> 8 != kVgaController)
    function.boot_vga = Absent{};
  else
    function.boot_vga = folder.expect("boot_vga", kFlag);
  function.bars = folder.expect("resource", kBars);
  function.reset_methods = folder.read("reset_method", kWords);
  function.physical_function = folder.link("physfn", kPciAddress);
  const bool may_carry_vgpu =
      function.physical_function.known() && function.driver && *function.driver == "nvidia";
  function.vgpu_type = may_carry_vgpu ? folder.read("nvidia/current_vgpu_type", kDecimal) : Absent{};
  function.sriov = read_sriov(folder, wedged);
  function.virtual_functions = function.sriov ? virtual_functions(folder, function.sriov->vfs)
                                              : function.sriov.without_value<std::vector<PciAddress>>();
}

void read_config(const Folder& folder, PciFunction& function) {
  const auto fetch = [&folder](std::size_t offset, std::size_t count) {
    return folder.bytes("config", offset, count);
  };
  const Fact<std::string> header = folder.expected("config", fetch(0, ConfigSpace::kHeader));
  if (!header) {
    function.config = header.without_value<PciConfig>();
    return;
  }
  const auto more = [&fetch](std::size_t offset, std::size_t count) {
    return fetch(offset, count).value_or("");
  };
  function.config = parse_config(ConfigSpace(*header, more));
  if (function.config && !function.config->bridge && function.class_code &&
      is_bridge_class(*function.class_code))
    function.config = Unknown{"saw another header type, expected 1 of a PCI bridge"};
  if (function.config.unknown()) {
    function.config = folder.unknown("config", function.config.why());
    return;
  }
  if (function.config->express.unknown()) folder.limit("config", function.config->express.why());
  if (function.config->acs.unknown()) folder.limit("config", function.config->acs.why());
  if (function.config->function_reset.unknown())
    folder.limit("config", function.config->function_reset.why());
}

void read_details(const Folder& folder, PciFunction& function) {
  function.subsystem_vendor = folder.expect("subsystem_vendor", kHex16);
  function.subsystem_device = folder.expect("subsystem_device", kHex16);
  function.revision = folder.expect("revision", kHex8);
  if (!function.bars.asked()) function.bars = folder.expect("resource", kBars);
  if (!function.reset_methods.asked()) function.reset_methods = folder.read("reset_method", kWords);
  function.power_state = folder.expect("power_state", kWord);
  function.d3cold_allowed = folder.read("d3cold_allowed", kFlag);
  function.mdev_types = folder.list("mdev_supported_types");
}

void set_place(const Fact<PciPlace>& place, PciFunction& function) {
  if (!place) {
    function.parent = place.without_value<PciAddress>();
    function.root_bus = place.without_value<std::string>();
    return;
  }
  function.root_bus = place->root_bus;
  if (place->bridges.empty())
    function.parent = Absent{};
  else
    function.parent = place->bridges.back();
}

}  // namespace gpupass
