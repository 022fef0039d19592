// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/read_only_system.hpp"

#include <fmt/format.h>

#include "gpupass/error.hpp"
#include "system/worker/worker.hpp"

namespace gpupass {

namespace {

bool holds_no_real_guests(std::string_view uri) {
  return uri.starts_with("test:") || uri.starts_with("qemu:///embed");
}

[[noreturn]] void refuse(std::string_view verb, std::string_view subject) {
  throw Error(
      ErrorCode::Refused, std::string(subject),
      fmt::format("cannot {} {}: this is a captured machine, expected the running one", verb, subject));
}

}  // namespace

ReadOnlySystem::ReadOnlySystem(const SystemOptions& options) : deadline_(options.deadline) {
  if (options.uri_given && holds_no_real_guests(options.libvirt_uri)) uri_ = options.libvirt_uri;
}

void ReadOnlySystem::write(std::string_view path, std::string_view) {
  refuse("write", path);
}
void ReadOnlySystem::write_guarded(std::string_view path, std::string_view) {
  refuse("write", path);
}
void ReadOnlySystem::save(std::string_view path, std::string_view) {
  refuse("write", path);
}
void ReadOnlySystem::remove(std::string_view path) {
  refuse("remove", path);
}
void ReadOnlySystem::load_module(const std::string& name) {
  refuse("load", name);
}

void ReadOnlySystem::build_boot_image(BootTool, const BootImage& image) {
  refuse("build", image.path);
}
void ReadOnlySystem::exchange_boot_image(BootTool, const BootImage& image) {
  refuse("exchange", image.path);
}
void ReadOnlySystem::drop_boot_image(const BootImage& image) {
  refuse("remove", beside(image));
}

void ReadOnlySystem::set_service(const std::string& unit, bool) {
  refuse("change", unit);
}
void ReadOnlySystem::set_persistence_mode(PciAddress device, bool) {
  refuse("change", device.to_string());
}

void ReadOnlySystem::append(std::string_view path, std::string_view, bool) {
  refuse("write", path);
}

void ReadOnlySystem::rename(std::string_view path, std::string_view) {
  refuse("rename", path);
}

std::shared_ptr<void> ReadOnlySystem::lock(const std::string& name) {
  if (uri_.empty()) refuse("lock", name);
  return std::make_shared<int>();
}

Hypervisor& ReadOnlySystem::hypervisor() {
  if (uri_.empty()) refuse("use", "libvirt");
  if (!hypervisor_) hypervisor_ = open_hypervisor(uri_, deadline_);
  return *hypervisor_;
}

Fact<std::vector<DomainXml>> ReadOnlySystem::hypervisor_domains() const {
  if (uri_.empty()) return Absent{};
  return Worker(deadline_).domains(uri_, Daemon::MayStart);
}

}  // namespace gpupass
