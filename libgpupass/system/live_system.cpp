// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/live_system.hpp"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "gpupass/pci.hpp"
#include "system/files/live_files.hpp"
#include "values/lock_names.hpp"

namespace gpupass {

namespace {

/// An image is listed within seconds, and built within minutes; on a machine that has better to do they take
/// longer.
constexpr std::chrono::minutes kListDeadline{5};
constexpr std::chrono::minutes kBuildDeadline{60};
/// The boot loader's own programs copy images around.
constexpr std::chrono::minutes kExchangeDeadline{10};

/// The lock of the function that a write is about: the one whose attribute it is, or that it names to a
/// driver. Empty: none.
std::string lock_in(std::string_view path, std::string_view value) {
  constexpr std::string_view kDevices = "/sys/bus/pci/devices/";
  if (path.starts_with(kDevices))
    value = path.substr(kDevices.size(), path.find('/', kDevices.size()) - kDevices.size());
  const auto address = PciAddress::parse(value);
  return address ? lock_of_device(*address) : "";
}

/// The URI that the user or the environment chose. Empty: neither did.
std::string chosen_uri(const SystemOptions& options) {
  if (!options.libvirt_uri.empty()) return options.libvirt_uri;
  const char* from_environment = std::getenv("LIBVIRT_DEFAULT_URI");
  return from_environment ? from_environment : "";
}

}  // namespace

LiveSystem::LiveSystem(const SystemOptions& options)
    : uri_(chosen_uri(options)),
      uri_chosen_(!uri_.empty()),
      daemon_(options.uri_given ? Daemon::MayStart : Daemon::MustRun),
      deadline_(options.deadline),
      write_deadline_(options.write_deadline),
      worker_(options.deadline) {
  if (!uri_chosen_) uri_ = "qemu:///system";
}

Fact<std::string> LiveSystem::read(std::string_view path) const {
  return live_files::read(path);
}
Fact<std::vector<std::string>> LiveSystem::list(std::string_view path) const {
  return live_files::list(path);
}
Fact<std::string> LiveSystem::link(std::string_view path) const {
  return live_files::link(path);
}

Fact<std::string> LiveSystem::read_guarded(std::string_view path) const {
  return worker_.read(std::string(path));
}

Fact<CpuTopology> LiveSystem::cpu_topology() const {
  return worker_.cpu_topology("/");
}

Fact<std::vector<DomainXml>> LiveSystem::domains() const {
  if (!libvirt_may_answer()) return Absent{};
  return worker_.domains(uri_, daemon_);
}

/// Without a socket nobody listens, and there is no need to start a worker to learn that.
bool LiveSystem::libvirt_may_answer() const {
  if (uri_chosen_) return true;
  const auto names = list("/run/libvirt");
  if (!names) return !names.absent();
  return std::ranges::any_of(*names, [](const std::string& name) {
    return name.starts_with("libvirt-sock") || name.starts_with("virtqemud-sock");
  });
}

void LiveSystem::write(std::string_view path, std::string_view value) {
  live_files::write(path, value);
}

void LiveSystem::write_guarded(std::string_view path, std::string_view value) {
  worker_.write(std::string(path), value, writing_lock(lock_in(path, value)), write_deadline_);
}
Fact<std::string> LiveSystem::set_guarded(std::string_view path, std::string_view value) {
  return worker_.set(std::string(path), value, writing_lock(lock_in(path, value)), write_deadline_);
}

void LiveSystem::save(std::string_view path, std::string_view content) {
  (path.starts_with("/etc/") ? settings_ : until_reboot_).save(path, content);
}
void LiveSystem::remove(std::string_view path) {
  if (path.starts_with("/etc/")) {
    settings_.remove(path);
    settings_.remove_if_empty();
  } else if (path.starts_with("/var/")) {
    lasting_.remove(path, /*durable=*/false);  // What was forgotten may be remembered for longer.
  } else {
    until_reboot_.remove(path);
  }
}
Fact<bool> LiveSystem::service_running(const std::string& unit) const {
  return worker_.flag({{"op", "service-running"}, {"unit", unit}});
}
std::vector<Fact<bool>> LiveSystem::persistence_modes(const std::vector<PciAddress>& devices) const {
  return worker_.persistence_modes(devices);
}
void LiveSystem::set_service(const std::string& unit, bool running) {
  worker_.call({{"op", "set-service"},
                {"unit", unit},
                {"running", running},
                {"lock", writing_lock(lock_of_service(unit))}},
               write_deadline_);
}
void LiveSystem::set_persistence_mode(PciAddress device, bool on) {
  worker_.call({{"op", "set-persistence-mode"},
                {"device", device.to_string()},
                {"on", on},
                {"lock", writing_lock(lock_of_device(device))}},
               write_deadline_);
}

void LiveSystem::load_module(const std::string& name) {
  worker_.load_module(name, write_deadline_);  // A module begins with the devices that are there.
}

Fact<std::vector<std::string>> LiveSystem::list_boot_image(BootTool tool, const std::string& path) const {
  return worker_.list_boot_image(tool, path, kListDeadline);
}
void LiveSystem::build_boot_image(BootTool tool, const BootImage& image) {
  worker_.build_boot_image(tool, image.kernel, beside(image), until_reboot_.writing_lock(lock_of_boot()),
                           kBuildDeadline);
}
void LiveSystem::exchange_boot_image(BootTool tool, const BootImage& image) {
  worker_.exchange_boot_image(tool, image, until_reboot_.writing_lock(lock_of_boot()), kExchangeDeadline);
}
void LiveSystem::drop_boot_image(const BootImage& image) {
  live_files::remove_boot_image(beside(image));
}

void LiveSystem::append(std::string_view path, std::string_view text, bool durable) {
  lasting_.append(path, text, durable);
}
void LiveSystem::rename(std::string_view path, std::string_view new_path) {
  lasting_.rename(path, new_path);
}
std::shared_ptr<void> LiveSystem::lock(const std::string& name) {
  auto lock = until_reboot_.lock(name);
  held_[name] = lock;
  return lock;
}

/// Who holds no lock has its reasons: guests may be changed by those who may not write below /run.
std::string LiveSystem::writing_lock(const std::string& name) const {
  const auto held = held_.find(name);
  return held != held_.end() && !held->second.expired() ? until_reboot_.writing_lock(name) : "";
}

Hypervisor& LiveSystem::hypervisor() {
  if (!hypervisor_)
    hypervisor_ = open_hypervisor(
        uri_, deadline_, [this](const std::string& guest) { return writing_lock(lock_of_guest(guest)); });
  return *hypervisor_;
}

}  // namespace gpupass
