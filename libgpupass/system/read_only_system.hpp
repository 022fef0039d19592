// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/system.hpp"

namespace gpupass {

/// A machine that can only be looked at: every change of it is refused. Beside it may stand a hypervisor that
/// holds no guests of the running machine, libvirt's test driver or an embedded one, where the user named it.
class ReadOnlySystem : public System {
 public:
  ReadOnlySystem() = default;
  explicit ReadOnlySystem(const SystemOptions& options);

  bool live() const override { return false; }
  void write(std::string_view path, std::string_view value) override;
  void write_guarded(std::string_view path, std::string_view value) override;
  void save(std::string_view path, std::string_view content) override;
  void rename(std::string_view path, std::string_view new_path) override;
  void remove(std::string_view path) override;
  void load_module(const std::string& name) override;
  Fact<std::vector<std::string>> list_boot_image(BootTool, const std::string&) const override {
    return Unknown{"this is a captured machine"};
  }
  void build_boot_image(BootTool tool, const BootImage& image) override;
  void exchange_boot_image(BootTool tool, const BootImage& image) override;
  void drop_boot_image(const BootImage& image) override;
  /// Nothing to hold off beside a captured machine; refused where there is no hypervisor to change either.
  std::shared_ptr<void> lock(const std::string& name) override;
  void set_service(const std::string& unit, bool running) override;
  void set_persistence_mode(PciAddress device, bool on) override;
  /// Nobody lives in a captured machine who could be asked.
  Fact<bool> service_running(const std::string&) const override { return Absent{}; }
  std::vector<Fact<bool>> persistence_modes(const std::vector<PciAddress>& devices) const override {
    return std::vector<Fact<bool>>(devices.size(), Absent{});
  }
  void append(std::string_view path, std::string_view text, bool durable) override;
  Hypervisor& hypervisor() override;
  std::string hypervisor_uri() const override { return uri_; }

 protected:
  /// The domains of the hypervisor beside this machine. Absent: there is none.
  Fact<std::vector<DomainXml>> hypervisor_domains() const;
  std::chrono::milliseconds deadline() const { return deadline_; }

 private:
  std::string uri_;  // Empty: no hypervisor.
  std::chrono::milliseconds deadline_{};
  std::unique_ptr<Hypervisor> hypervisor_;
};

}  // namespace gpupass
