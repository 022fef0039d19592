// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/system.hpp"

namespace gpupass {

class Worker;

/// A machine that can only be looked at: every change of it is refused. Beside it may stand a hypervisor that
/// holds no guests of the running machine, libvirt's test driver or an embedded one, where the user named it.
class ReadOnlySystem : public System {
 public:
  ReadOnlySystem() = default;
  explicit ReadOnlySystem(const SystemOptions& options);

  bool live() const override { return false; }
  /// As a capture has it, because its files are no devices: 17 of "fd" stands in "fd.devices".
  Fact<std::string> device_number(std::string_view path) const override;
  /// As a capture has it: a note in place of the lock.
  Fact<bool> is_writing(const std::string& lock) const override;
  void write(std::string_view path, std::string_view value) override;
  void write_guarded(std::string_view path, std::string_view value) override;
  void save(std::string_view path, std::string_view content) override;
  void rename(std::string_view path, std::string_view new_path) override;
  void remove(std::string_view path) override;
  /// Nothing to hold off beside a captured machine; refused where there is no hypervisor to change either.
  std::shared_ptr<void> lock(const std::string& name) override;
  void carry_out(const Order& order) override;
  void append(std::string_view path, std::string_view text, bool durable) override;
  Hypervisor& hypervisor() override;
  std::string hypervisor_uri() const override { return uri_; }

 protected:
  /// Where a capture notes the number of a device.
  static std::string number_note(std::string_view path);
  /// Where a capture notes whether somebody has a disk for himself: "yes" or "no".
  static std::string disk_note(const std::string& disk);
  /// Where a capture notes whether a change went on: "yes" or "no".
  static std::string writing_note(const std::string& lock);
  /// The domains of the hypervisor beside this machine; of services nothing, for none live in a captured
  /// machine.
  void answer(AnyExchange& exchange) const override;

 private:
  std::chrono::milliseconds deadline_{};
  std::shared_ptr<Worker> guests_;
  std::string uri_;  // Empty: no hypervisor.
  std::unique_ptr<Hypervisor> hypervisor_;
};

}  // namespace gpupass
