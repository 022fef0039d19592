// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/live_system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "codec/home_file.hpp"
#include "gpupass/pci.hpp"
#include "gpupass/seed.hpp"
#include "system/cpu_topology.hpp"
#include "system/stuck.hpp"
#include "values/lock_names.hpp"
#include "values/own_files.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

namespace {

/// The function that a write is about: the one whose attribute it is, or that it names to a driver.
std::optional<PciAddress> device_in(std::string_view path, std::string_view value) {
  if (path.starts_with(kSysfsDevices)) {
    path.remove_prefix(kSysfsDevices.size() + 1);
    value = path.substr(0, path.find('/'));
  }
  return PciAddress::parse(value);
}

/// The lock of what an order changes. Empty: it has none.
std::string lock_of(const LoadModuleOrder&) {
  return "";
}
std::string lock_of(const UpdateBootLoaderOrder&) {
  return lock_of_boot();
}
std::string lock_of(const ServiceOrder& order) {
  return lock_of_service(order.unit);
}
std::string lock_of(const AllowedCpusOrder&) {
  return lock_of_tuning();
}
std::string lock_of(const PersistenceOrder& order) {
  return lock_of_device(order.device);
}
std::string lock_of(const WriteSeedOrder& order) {
  return lock_of_guest(order.domain);
}
std::string lock_of(const MediatedDefinitionOrder& order) {
  return lock_of_device(order.parent);
}
std::string lock_of(const MigModeOrder& order) {
  return lock_of_device(order.device);
}
std::string lock_of(const MigInstanceOrder& order) {
  return lock_of_device(order.device);
}
template <typename BootImageOrder>
  requires requires(BootImageOrder order) { order.image; }
std::string lock_of(const BootImageOrder&) {
  return lock_of_boot();
}

}  // namespace

LiveSystem::LiveSystem(const SystemOptions& options)
    : uri_(named_hypervisor(options)),
      uri_chosen_(!uri_.empty()),
      may_start_daemon_(options.uri_given),
      deadline_(options.deadline),
      write_deadline_(options.write_deadline),
      worker_(options.worker, options.deadline),
      guests_(std::make_shared<Worker>(options.worker, options.deadline)) {
  if (!uri_chosen_) uri_ = "qemu:///system";
}

Fact<std::string> LiveSystem::read_guarded(std::string_view path) const {
  // What a process maps fills megabytes, and device nodes are all that is looked for there.
  return worker_.read(std::string(path), path.ends_with("/maps") ? " /dev/" : "");
}

void LiveSystem::answer(AnyExchange& exchange) const {
  std::visit([this](auto& each) { each.answer = reply(each.question); }, exchange);
}

Fact<CpuTopology> LiveSystem::reply(const CpuTopologyQuestion&) const {
  return cpu_topology(*this);
}

Fact<std::vector<DomainXml>> LiveSystem::reply(const DomainsQuestion&) const {
  if (!libvirt_may_answer()) return Absent{};
  return guests_->domains({uri_, may_start_daemon_});
}

Fact<std::vector<std::string>> LiveSystem::reply(const NetworksQuestion&) const {
  if (!libvirt_may_answer()) return Absent{};
  return guests_->ask(ListNetworks{uri_, may_start_daemon_});
}

Fact<std::string> LiveSystem::reply(const AgentQuestion& question) const {
  if (!libvirt_may_answer()) return Unknown{"libvirt is not running"};
  return guests_->ask_agent(uri_, question);
}

void LiveSystem::carry_out(const Order& order) {
  std::visit(
      [this](const auto& each) { worker_.carry_out(each, writing_lock(lock_of(each)), write_deadline_); },
      order);
}

/// Without a socket nobody listens, so there is no need to start a worker.
bool LiveSystem::libvirt_may_answer() const {
  if (uri_chosen_) return true;
  const auto names = list("/run/libvirt");
  if (!names) return !names.absent();
  return std::ranges::any_of(*names, [](const std::string& name) {
    return name.starts_with("libvirt-sock") || name.starts_with("virtqemud-sock");
  });
}

void LiveSystem::write_guarded(std::string_view path, std::string_view value) {
  write_in_worker({std::string(path), std::string(value)});
}
Fact<std::string> LiveSystem::set_guarded(std::string_view path, std::string_view value) {
  return write_in_worker({std::string(path), std::string(value), /*read_back=*/true});
}

/// A worker that does not answer may wait in the kernel. It may also have been killed, or stopped, which is
/// no reason to give the device up.
Fact<std::string> LiveSystem::write_in_worker(const WriteFile& request) {
  const auto device = device_in(request.path, request.value);
  const std::string lock = device ? writing_lock(lock_of_device(*device)) : "";
  try {
    return worker_.write(request, lock, write_deadline_);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Wedged || lock.empty() || is_stuck(*this, *device)) throw;
    throw Error(ErrorCode::System, request.path,
                fmt::format("cannot write {}: gpupass-worker ended before it answered", request.path),
                "something killed or stopped it: try again");
  }
}

/// nullptr: nothing of gpupass's is there.
const StateFolder* LiveSystem::folder_in_etc(std::string_view path) const {
  if (is_own_program(path)) return &programs_;
  if (is_own_configuration(path)) return &configuration_;
  return path.starts_with("/etc/gpupass/") ? &settings_ : nullptr;
}

void LiveSystem::save(std::string_view path, std::string_view content) {
  const StateFolder* in_etc = folder_in_etc(path);
  const StateFolder& folder = is_boot_hook(path)              ? hooks_
                              : in_etc                        ? *in_etc
                              : path.starts_with(kHomeFolder) ? homes_
                                                              : until_reboot_;
  folder.save(path, content);
}
void LiveSystem::remove(std::string_view path) {
  if (is_boot_hook(path)) {
    hooks_.remove(path);
    // A folder that only gpupass uses goes with its last file.
    for (auto folder = path.substr(0, path.rfind('/')); folder.find("gpupass") != folder.npos;
         folder.remove_suffix(folder.size() - folder.rfind('/')))
      hooks_.remove_if_empty(folder);
  } else if (const StateFolder* folder = folder_in_etc(path)) {
    folder->remove(path);
    if (folder == &settings_) settings_.remove_if_empty();
  } else if (is_seed(path)) {
    images_.remove(path);
  } else if (path.starts_with("/var/")) {
    lasting_.remove(path, /*durable=*/false);  // A removal may be lost with the power, which does no harm.
  } else {
    until_reboot_.remove(path);
  }
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

/// A caller without a lock is allowed: a user who may not write below /run may still change guests.
std::string LiveSystem::writing_lock(const std::string& name) const {
  const auto held = held_.find(name);
  return held != held_.end() && !held->second.expired() ? until_reboot_.writing_lock(name) : "";
}

Hypervisor& LiveSystem::hypervisor() {
  if (!hypervisor_)
    hypervisor_ = open_hypervisor(guests_, uri_, deadline_, [this](const std::string& guest) {
      return writing_lock(lock_of_guest(guest));
    });
  return *hypervisor_;
}

}  // namespace gpupass
