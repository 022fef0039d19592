// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "apply/absence.hpp"
#include "apply/perform.hpp"
#include "values/card.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

namespace {

/// One function and its driver binding, as sysfs shows and changes it.
class Binding {
 public:
  Binding(Access& access, PciAddress device)
      : access_(access), address_(device.to_string()), folder_(sysfs_folder(device)) {}

  const std::string& address() const { return address_; }
  std::string driver() const;
  std::string driver_override() const;
  void set_override(const std::string& name);
  void unbind();
  void bind(const std::string& driver);
  void load(const std::string& module);
  void probe() { access_.touch().write_guarded("/sys/bus/pci/drivers_probe", address_); }

 private:
  std::string name_in(const Fact<std::string>& text) const;
  void expect_vfio_node() const;

  Access& access_;
  const std::string address_;
  const std::string folder_;
  const std::string override_ = folder_ + "/driver_override";
};

std::string shown(const std::string& driver) {
  return driver.empty() ? "none" : driver;
}

std::string last_component(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string Binding::driver() const {
  const std::string path = folder_ + "/driver";
  const Fact<std::string> link = access_.look().link(path);
  if (link.unknown()) throw failure(ErrorCode::System, "read", path, link.why(), "a link or none");
  return link ? last_component(*link) : std::string();
}

/// The driver that the override names.
std::string Binding::name_in(const Fact<std::string>& text) const {
  if (text.unknown()) throw failure(ErrorCode::System, "read", override_, text.why(), "a driver's name");
  if (!text)
    throw failure(ErrorCode::NotFound, "read", override_, "no such file", "a PCI function's attribute");
  return *text == "(null)" ? std::string() : *text;  // That is how the kernel spells "none".
}

std::string Binding::driver_override() const {
  // Up to 6.x, reading it waits for the device's lock, which a driver that is stuck in remove() keeps for
  // ever.
  return name_in(access_.read_guarded(override_));
}

void Binding::set_override(const std::string& name) {
  // An empty write does nothing; a newline clears the override. The write takes the device's lock, as reading
  // does.
  if (const std::string now = name_in(access_.set_guarded(override_, name.empty() ? "\n" : name));
      now != name)
    throw failure(ErrorCode::System, "set the driver override of", address_, shown(now), shown(name));
}

void Binding::unbind() {
  access_.touch().write_guarded(folder_ + "/driver/unbind", address_);
  if (const std::string now = driver(); !now.empty())
    throw failure(ErrorCode::System, "unbind", address_, "driver " + now, "none");
}

void Binding::bind(const std::string& name) {
  const std::string folder = "/sys/bus/pci/drivers/" + name;
  // The module may have been unloaded since the driver was here. Once it is back, the kernel binds by itself.
  if (!access_.look().list(folder)) load(name);
  if (driver() != name) access_.touch().write_guarded(folder + "/bind", address_);
  if (const std::string now = driver(); now != name)
    throw failure(ErrorCode::System, "bind", address_, "driver " + shown(now), name);
  if (is_vfio_driver(name)) expect_vfio_node();
}

void Binding::load(const std::string& module) {
  access_.touch();
  access_.load_module(module);
}

/// A bound function without a node cannot be given to a guest.
void Binding::expect_vfio_node() const {
  const Fact<std::string> group = access_.look().link(folder_ + "/iommu_group");
  const Fact<std::vector<std::string>> nodes = access_.look().list("/dev/vfio");
  if (!group || !nodes) return;
  const std::string id = last_component(*group);
  // Without an IOMMU the node is called noiommu-N; kernels without group nodes have a folder of devices.
  for (const std::string& name : {id, "noiommu-" + id, std::string("devices")})
    if (std::ranges::find(*nodes, name) != nodes->end()) return;
  throw failure(ErrorCode::System, "bind", address_, "no /dev/vfio/" + id, "one");
}

/// Sets the override first: it closes the window in which udev or a poller would bind another driver.
void reach(Binding& binding, const DriverState& wanted) {
  const std::string bound = binding.driver();
  std::string name = binding.driver_override();
  if (bound != wanted.driver) {
    // Only the driver that the override names can bind, so the override first names the wanted driver.
    const std::string& aim = wanted.driver.empty() ? wanted.driver_override : wanted.driver;
    if (name != aim) binding.set_override(aim);
    if (!bound.empty()) binding.unbind();
    if (!wanted.driver.empty()) binding.bind(wanted.driver);
    name = aim;
  }
  if (name != wanted.driver_override) binding.set_override(wanted.driver_override);
}

/// A host driver that is bound without an override is the kernel's choice already. One of VFIO's is not: it
/// may be left from an override that is gone.
void reach_kernels_choice(Binding& binding) {
  const std::string bound = binding.driver();
  const bool overridden = !binding.driver_override().empty();
  if (!bound.empty() && !is_vfio_driver(bound) && !overridden) return;
  if (!bound.empty()) binding.unbind();
  if (overridden) binding.set_override("");
  binding.probe();
  if (binding.driver() == "vfio-pci")
    throw failure(ErrorCode::System, "release", binding.address(),
                  "vfio-pci, which was told the ids of the device (vfio-pci.ids, new_id)",
                  "a driver of the host, or none");
}

}  // namespace

void perform(Access& access, const SetDriver& change) {
  Binding binding(access, change.device);
  if (!change.kernel_chooses) return reach(binding, change.state);
  reach_kernels_choice(binding);
  if (binding.driver().empty())
    access.remark("no driver took it: load the module of the one that it belongs to, with modprobe");
}

}  // namespace gpupass
