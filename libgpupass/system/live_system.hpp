// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>

#include "gpupass/system.hpp"
#include "system/files/state_folder.hpp"
#include "system/worker/worker.hpp"

namespace gpupass {

/// The running machine.
class LiveSystem final : public System {
 public:
  explicit LiveSystem(const SystemOptions& options);

  Fact<std::string> read(std::string_view path) const override;
  Fact<std::string> read_bytes(std::string_view path, std::size_t offset, std::size_t count) const override;
  Fact<std::vector<std::string>> list(std::string_view path) const override;
  Fact<std::string> link(std::string_view path) const override;
  Fact<std::string> device_number(std::string_view path) const override;
  Fact<std::string> read_guarded(std::string_view path) const override;
  Fact<bool> is_writing(const std::string& lock) const override { return until_reboot_.is_writing(lock); }
  bool live() const override { return true; }

  void write(std::string_view path, std::string_view value) override;
  void write_guarded(std::string_view path, std::string_view value) override;
  Fact<std::string> set_guarded(std::string_view path, std::string_view value) override;
  void save(std::string_view path, std::string_view content) override;
  void append(std::string_view path, std::string_view text, bool durable) override;
  void rename(std::string_view path, std::string_view new_path) override;
  void remove(std::string_view path) override;
  std::shared_ptr<void> lock(const std::string& name) override;
  void carry_out(const Order& order) override;
  Hypervisor& hypervisor() override;
  std::string hypervisor_uri() const override { return uri_; }

 private:
  void answer(AnyExchange& exchange) const override;
  Fact<CpuTopology> reply(const CpuTopologyQuestion& question) const;
  Fact<std::vector<DomainXml>> reply(const DomainsQuestion& question) const;
  Fact<std::vector<std::string>> reply(const NetworksQuestion& question) const;
  Fact<std::string> reply(const AgentQuestion& question) const;
  template <typename Question>
  Fact<typename Question::Reply> reply(const Question& question) const {
    return worker_.ask(question);
  }
  bool libvirt_may_answer() const;
  const StateFolder* folder_in_etc(std::string_view path) const;
  Fact<std::string> write_in_worker(const WriteFile& request);
  /// The file that a worker is to lock while it changes what the held lock `name` is about; empty when it is
  /// not held.
  std::string writing_lock(const std::string& name) const;

  // Homes and boot bindings have serial numbers and UUIDs, which the kernel shows to root alone.
  static constexpr unsigned kForRoot = 0600, kForAll = 0644, kProgram = 0755;

  std::string uri_;
  bool uri_chosen_;  // By the user or the environment.
  bool may_start_daemon_;
  std::chrono::milliseconds deadline_;
  std::chrono::milliseconds write_deadline_;
  StateFolder until_reboot_{"/run/gpupass", StateFolder::Lasts::UntilBoot, kForAll};
  StateFolder homes_{"/run/gpupass", StateFolder::Lasts::UntilBoot, kForRoot};
  std::map<std::string, std::weak_ptr<void>> held_;
  StateFolder lasting_{"/var/lib/gpupass", StateFolder::Lasts::Always, kForRoot};
  StateFolder settings_{"/etc/gpupass", StateFolder::Lasts::Always, kForRoot};
  StateFolder configuration_{"/etc", StateFolder::Lasts::Always, kForAll};
  StateFolder programs_{"/etc", StateFolder::Lasts::Always, kProgram};
  StateFolder hooks_{"/usr", StateFolder::Lasts::Always, kProgram};
  StateFolder images_{"/var/lib/libvirt/images", StateFolder::Lasts::Always, kForRoot};
  // Whoever reads parts of a file asks for many before the next file.
  mutable std::string last_path_;
  mutable Fd last_file_;
  mutable Worker worker_;  // That it runs is no change of the machine.
  /// Apart: a write that hangs ends its worker, and an embedded hypervisor holds its guests in its own.
  std::shared_ptr<Worker> guests_;
  std::unique_ptr<Hypervisor> hypervisor_;
};

}  // namespace gpupass
