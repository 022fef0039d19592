// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How the fake kernel reacts to writes into sysfs, as Linux does: drivers/base/bus.c, drivers/base/dd.c and
// drivers/pci/. tests/replay holds it against the real one.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "support/fake_kernel.hpp"
#include "support/fake_tunables.hpp"
#include "support/sysfs_paths.hpp"
#include "values/card.hpp"
#include "values/firmware_framebuffer.hpp"
#include "values/number.hpp"
#include "values/words.hpp"

namespace gpupass {

bool FakeKernel::may_wait(std::string_view path) const {
  const auto device = below(kDevices, path), driver = below(kDrivers, path);
  if (device)
    return device->rest == "driver/unbind" || device->rest == "driver_override" ||
           device->rest == "d3cold_allowed" || device->rest == "sriov_numvfs" ||
           device->rest == "reset_method" || device->rest == "reset" ||
           is_slice_attribute(device->name, device->rest);
  return (driver && driver->rest == "unbind") || below(kVtConsole, path) || below(kPlatform, path);
}

bool FakeKernel::is_for_gpupass(std::string_view path) const {
  const auto device = below(kDevices, path), driver = below(kDrivers, path);
  if (device)
    return devices_.contains(device->name) && (may_wait(path) || device->rest == "sriov_drivers_autoprobe");
  if (driver) return has_driver(driver->name) && (driver->rest == "bind" || driver->rest == "unbind");
  return path == "/sys/bus/pci/drivers_probe" || pages_.contains(std::string(path)) || is_tunable(path) ||
         may_wait(path);
}

int FakeKernel::react(std::string_view path, std::string_view value) {
  const std::string text(value);
  if (path == "/sys/bus/pci/drivers_probe") return drivers_probe(text);
  if (path == "/sys/bus/pci/rescan") return rescan(text);
  if (pages_.contains(std::string(path))) return store_pages(path, text);
  if (is_tunable(path)) return store_tunable(path, text);
  if (below(kVtConsole, path)) return store_console(text);
  if (below(kPlatform, path)) return store_framebuffer(path, text);
  if (const auto at = below(kDevices, path); at && devices_.contains(at->name))
    return react_of_device(at->name, at->rest, text);
  if (const auto at = below(kDrivers, path); at && has_driver(at->name))
    return react_of_driver(at->name, at->rest, text);
  return ENOENT;
}

int FakeKernel::react_of_device(const std::string& address, const std::string& attribute,
                                const std::string& value) {
  FakeDevice& device = devices_.at(address);
  if (attribute == "driver_override") return store_override(device, value);
  if (attribute == "driver/unbind") return device.driver.empty() ? ENOENT : unbind(device.driver, value);
  if (attribute == "d3cold_allowed") return store_d3cold(device, value);
  if (attribute == "sriov_drivers_autoprobe") return store_autoprobe(device, value);
  if (attribute == "sriov_numvfs") return store_vfs(address, device, value);
  if (attribute == "remove") return store_remove(address, value);
  if (attribute == "reset_method") return store_reset_method(address, device, value);
  if (attribute == "reset") return reset(address, value);
  if (is_slice_attribute(address, attribute)) return store_slice(address, attribute, value);
  return ENOENT;
}

int FakeKernel::react_of_driver(const std::string& driver, const std::string& attribute,
                                const std::string& value) {
  if (attribute == "bind") return bind(driver, value);
  if (attribute == "unbind") return unbind(driver, value);
  if (attribute == "new_id") return new_id(driver, value);
  if (attribute == "remove_id") return remove_id(driver, value);
  return ENOENT;
}

int FakeKernel::store_console(std::string_view value) {
  if (console_on_.empty()) return ENOENT;
  console_ = value != "0";
  return 0;
}

/// As bind_store() and unbind_store() of drivers/base/bus.c.
int FakeKernel::store_framebuffer(std::string_view driver_file, std::string_view value) {
  const std::string folder = fmt::format("{}drivers/{}/", kPlatform, framebuffer_driver(framebuffer_name_));
  const bool show = driver_file == folder + "bind";
  if (!show && driver_file != folder + "unbind") return ENOENT;
  if (value != framebuffer_name_ || framebuffer_ == show) return ENODEV;
  framebuffer_ = show;
  return 0;
}

int FakeKernel::store_override(FakeDevice& device, std::string_view value) {
  if (value.size() >= 4095) return EINVAL;
  device.driver_override = value;
  return 0;
}

int FakeKernel::store_d3cold(FakeDevice& device, std::string_view value) {
  if (device.d3cold_allowed.empty()) return ENOENT;
  const auto number = parse_number<unsigned long>(value);
  if (!number) return EINVAL;
  device.d3cold_allowed = *number == 0 ? "0" : "1";
  return 0;
}

/// As sriov_drivers_autoprobe_store() of drivers/pci/pci-sysfs.c: it takes no lock.
int FakeKernel::store_autoprobe(FakeDevice& device, std::string_view value) {
  if (device.autoprobe.empty()) return ENOENT;
  if (value != "0" && value != "1") return EINVAL;
  device.autoprobe = value;
  return 0;
}

/// As reset_method_store() of drivers/pci/pci-sysfs.c: of the methods that the function has, those named.
int FakeKernel::store_reset_method(const std::string& address, FakeDevice& device, std::string_view value) {
  const auto known = words_of(statics_.at(address).reset_methods);
  if (known.empty()) return ENOENT;
  for (const auto& word : words_of(value))
    if (std::ranges::find(known, word) == known.end()) return EINVAL;
  device.reset_method = value;
  return 0;
}

/// As reset_store() there. That the function answers afterwards is not the kernel's business.
int FakeKernel::reset(const std::string& address, std::string_view value) {
  if (devices_.at(address).reset_method.empty()) return ENOENT;
  if (parse_number<unsigned long>(value) != 1ul) return EINVAL;
  const auto behaviour = reset_behaviours_.find(address);
  const FakeReset now = behaviour == reset_behaviours_.end() ? FakeReset::Returns : behaviour->second;
  if (now == FakeReset::Refused) return ENOTTY;
  if (now == FakeReset::Hangs) {
    wedged_.insert(address);
    throw Error(ErrorCode::Wedged, address,
                fmt::format("cannot reset {}: the write did not return", address));
  }
  ++resets_[address];
  if (now == FakeReset::Gone) devices_.erase(address);
  return 0;
}

/// The first BAR has a size and no address.
static std::string without_first_row(const Fact<std::string>& rows) {
  const std::string text = rows.value_or("");
  return "0x0000000000000000 0x0000000000ffffff 0x000000000014220c" +
         text.substr(std::min(text.find('\n'), text.size()));
}

/// What an attribute reads since a reset from which the function did not come back whole. nullopt: as before.
std::optional<std::string> FakeKernel::content_after_reset(const std::string& address,
                                                           const std::string& rest) const {
  const auto behaviour = reset_behaviours_.find(address);
  if (!resets_.contains(address) || behaviour == reset_behaviours_.end()) return std::nullopt;
  switch (behaviour->second) {
    case FakeReset::Silent:
      if (rest == "config") return std::string(64, '\xff');
      break;
    case FakeReset::Narrow:
      if (rest == "current_link_width") return "8";
      break;
    case FakeReset::Moved:
      if (rest == "resource")
        return without_first_row(machine_->read(std::string(kDevices) + address + "/resource"));
      break;
    case FakeReset::Erring:
      if (rest == "aer_dev_nonfatal") return "TOTAL_ERR_NONFATAL 1";
      break;
    case FakeReset::Returns:
    case FakeReset::Refused:
    case FakeReset::Hangs:
    case FakeReset::Gone:
      break;
  }
  return std::nullopt;
}

/// As sriov_numvfs_store() of drivers/pci/iov.c. Neither vfio-pci nor pci-stub makes virtual functions.
int FakeKernel::store_vfs(const std::string& address, FakeDevice& device, std::string_view value) {
  if (statics_.at(address).total_vfs == 0) return ENOENT;
  const auto count = parse_number<std::uint16_t>(value);
  if (!count) return EINVAL;
  if (*count > statics_.at(address).total_vfs) return ERANGE;
  if (*count == device.vfs) return 0;
  if (device.driver.empty() || device.driver == "vfio-pci" || device.driver == "pci-stub") return ENOENT;
  if (*count != 0 && device.vfs != 0) return EBUSY;  // It must go through 0.
  const std::vector<std::string>& vfs = statics_.at(address).vfs;
  device.vfs = *count;
  for (std::size_t index = 0; index < vfs.size(); ++index) {
    if (index >= *count) {
      devices_.erase(vfs[index]);
      continue;
    }
    devices_[vfs[index]].d3cold_allowed = statics_.at(vfs[index]).d3cold ? "1" : "";
    devices_[vfs[index]].reset_method = statics_.at(vfs[index]).reset_methods;
    drivers_probe(vfs[index]);
  }
  return 0;
}

/// All below a bridge goes with it.
int FakeKernel::store_remove(const std::string& address, std::string_view value) {
  const auto number = parse_number<unsigned long>(value);
  if (!number) return EINVAL;
  if (*number != 0)
    std::erase_if(devices_, [&](const auto& device) {
      return device.first == address ||
             statics_.at(device.first).path.find("/" + address + "/") != std::string::npos;
    });
  return 0;
}

/// What was removed comes back as it is after a boot.
int FakeKernel::rescan(std::string_view value) {
  const auto number = parse_number<unsigned long>(value);
  if (!number) return EINVAL;
  for (const auto& [address, fixed] : statics_) {
    if (*number == 0 || devices_.contains(address)) continue;
    devices_[address].d3cold_allowed = fixed.d3cold ? "1" : "";
    devices_[address].reset_method = fixed.reset_methods;
    drivers_probe(address);
  }
  return 0;
}

/// As the kernel's bind_store(): what the driver's probe() says comes back.
int FakeKernel::bind(const std::string& driver, const std::string& address) {
  const auto device = devices_.find(address);
  if (device == devices_.end() || !matches(driver, address)) return ENODEV;
  if (!device->second.driver.empty()) return EBUSY;
  return probe(driver, address);
}

int FakeKernel::unbind(const std::string& driver, const std::string& address) {
  const auto device = devices_.find(address);
  if (device == devices_.end() || device->second.driver != driver) return ENODEV;
  const bool drawn = console_ && console_on_ == address && !is_vfio_driver(driver);
  if (hanging_.contains(address) || device->second.open || device->second.persistence || drawn) {
    wedged_.insert(address);
    throw Error(ErrorCode::Wedged, address,
                fmt::format("cannot unbind {}: the write did not return", address));
  }
  device->second.driver.clear();
  return 0;
}

/// Succeeds when nothing was bound, and also when the driver's probe() failed.
int FakeKernel::drivers_probe(const std::string& address) {
  const auto device = devices_.find(address);
  if (device == devices_.end()) return ENODEV;
  if (!device->second.driver.empty()) return 0;
  for (const std::string& driver : drivers_)
    if (matches(driver, address) && probe(driver, address) == 0) break;
  return 0;
}

void FakeKernel::attach_all(const std::string& driver) {
  for (const auto& [address, device] : devices_)
    if (device.driver.empty() && matches(driver, address)) probe(driver, address);
}

int FakeKernel::probe(const std::string& driver, const std::string& address) {
  const auto refusal = refusals_.find({driver, address});
  if (refusal != refusals_.end()) return refusal->second;
  const Static& fixed = statics_.at(address);
  FakeDevice& device = devices_.at(address);
  if (is_vfio_driver(driver)) {
    if (fixed.bridge || fixed.group.empty()) return EINVAL;
    if (framebuffer_ && framebuffer_in_ == address) return EBUSY;
    if (device.vfs > 0) return EBUSY;  // "Cannot bind to PF with SR-IOV enabled".
  }
  device.driver = driver;
  return 0;
}

/// An override lets only the driver of that name match, and that one match without an id. Without one,
/// sriov_drivers_autoprobe decides about a virtual function, as in pci_device_can_probe().
bool FakeKernel::matches(const std::string& driver, const std::string& address) const {
  const std::string& name = devices_.at(address).driver_override;
  if (!name.empty()) return driver == name;
  const Static& fixed = statics_.at(address);
  if (!fixed.physical.empty() && devices_.at(fixed.physical).autoprobe == "0") return false;
  const auto added = ids_.find(driver);
  return driver == fixed.match || (added != ids_.end() && added->second.contains(fixed.ids));
}

/// "10de 2684": two hexadecimal numbers at least. nullopt: no ids.
std::optional<FakeKernel::Ids> FakeKernel::parse_ids(const std::string& value) {
  const auto words = words_of(value);
  if (words.size() < 2) return std::nullopt;
  const auto vendor = parse_number<std::uint32_t>(words[0], 16),
             device = parse_number<std::uint32_t>(words[1], 16);
  if (!vendor || !device) return std::nullopt;
  return Ids{*vendor, *device};
}

/// As new_id_store() of drivers/pci/pci-driver.c: the driver takes at once what is free. The ids that VFIO's
/// drivers have are for overrides alone.
int FakeKernel::new_id(const std::string& driver, const std::string& value) {
  const auto ids = parse_ids(value);
  if (!ids) return EINVAL;
  const bool its_own = !is_vfio_driver(driver) && std::ranges::any_of(statics_, [&](const auto& each) {
    return each.second.match == driver && each.second.ids == *ids;
  });
  if (its_own || !ids_[driver].insert(*ids).second) return EEXIST;
  attach_all(driver);
  return 0;
}

int FakeKernel::remove_id(const std::string& driver, const std::string& value) {
  const auto ids = parse_ids(value);
  if (!ids) return EINVAL;
  return ids_[driver].erase(*ids) == 1 ? 0 : ENODEV;
}

}  // namespace gpupass
