// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/read_only_system.hpp"

#include <fmt/format.h>

#include "gpupass/error.hpp"
#include "system/worker/worker.hpp"

namespace gpupass {

namespace {

[[noreturn]] void refuse(std::string_view verb, std::string_view subject) {
  throw Error(ErrorCode::Refused, std::string(subject),
              fmt::format("cannot {} {}: saw a captured machine, expected the running one", verb, subject));
}

}  // namespace

ReadOnlySystem::ReadOnlySystem(const SystemOptions& options)
    : deadline_(options.deadline), guests_(std::make_shared<Worker>(options.worker, options.deadline)) {
  if (options.uri_given && is_in_process_uri(options.libvirt_uri)) uri_ = options.libvirt_uri;
}

std::string ReadOnlySystem::number_note(std::string_view path) {
  const auto slash = path.rfind('/');
  return fmt::format("{}.devices{}", path.substr(0, slash), path.substr(slash));
}

Fact<std::string> ReadOnlySystem::device_number(std::string_view path) const {
  return read(number_note(path));
}

std::string ReadOnlySystem::writing_note(const std::string& lock) {
  return fmt::format("/run/gpupass/locks/{}.writing", lock);
}

std::string ReadOnlySystem::disk_note(const std::string& disk) {
  return fmt::format("/dev.held/{}", disk);
}

Fact<bool> ReadOnlySystem::is_writing(const std::string& lock) const {
  const Fact<std::string> note = read(writing_note(lock));
  if (!note) return note.without_value<bool>();
  return *note != "no";
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
void ReadOnlySystem::carry_out(const Order& order) {
  std::visit([](const auto& each) { refuse("carry out", kRequestName<std::decay_t<decltype(each)>>); },
             order);
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
  if (!hypervisor_) hypervisor_ = open_hypervisor(guests_, uri_, deadline_);
  return *hypervisor_;
}

void ReadOnlySystem::answer(AnyExchange& exchange) const {
  std::visit([](auto& each) { each.answer = Absent{}; }, exchange);
  if (auto* image = std::get_if<Exchange<BootImageQuestion>>(&exchange))
    image->answer = Unknown{"this is a captured machine"};
  if (auto* disks = std::get_if<Exchange<DisksQuestion>>(&exchange)) {
    disks->answer = std::vector<DiskState>();
    for (const std::string& name : disks->question.disks) {
      const Fact<std::string> held = read(disk_note(name));
      disks->answer->push_back({name, held ? Fact<bool>(*held != "no") : Fact<bool>(Absent{})});
    }
  }
  if (auto* agent = std::get_if<Exchange<AgentQuestion>>(&exchange))
    agent->answer = Unknown{"a captured machine has no agents in its guests"};
  if (uri_.empty()) return;
  if (auto* agent = std::get_if<Exchange<AgentQuestion>>(&exchange))
    agent->answer = guests_->ask_agent(uri_, agent->question);
  if (auto* domains = std::get_if<Exchange<DomainsQuestion>>(&exchange))
    domains->answer = guests_->domains({uri_, /*may_start_daemon=*/true});
  if (auto* networks = std::get_if<Exchange<NetworksQuestion>>(&exchange))
    networks->answer = guests_->ask(ListNetworks{uri_, /*may_start_daemon=*/true});
}

}  // namespace gpupass
