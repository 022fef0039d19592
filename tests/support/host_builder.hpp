// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "gpupass/host.hpp"

namespace gpupass {

/// An address that the test spells right.
PciAddress address(std::string_view text);

/// Small hosts by hand. Facts are as on a healthy machine with an IOMMU, read by root; a call that names no
/// function is about the one added last.
class HostBuilder {
 public:
  HostBuilder();

  HostBuilder& function(std::string_view at, std::uint32_t class_code, std::string_view driver = {});
  /// A data-centre GPU, 10de:2330, a 3D controller without display outputs.
  HostBuilder& gpu(std::string_view at, std::string_view driver = "nvidia") {
    return function(at, 0x030200, driver);
  }
  /// A display that can show the console; not the boot display.
  HostBuilder& vga(std::string_view at, std::string_view driver = "nvidia") {
    return function(at, 0x030000, driver);
  }
  HostBuilder& audio(std::string_view at, std::string_view driver = "snd_hda_intel") {
    return function(at, 0x040300, driver);
  }
  /// A PCI bridge with pcieport; its ACS isolates until said otherwise.
  HostBuilder& port(std::string_view at, ExpressType type);

  HostBuilder& below(std::string_view bridge);
  HostBuilder& ids(std::uint16_t vendor, std::uint16_t device);
  HostBuilder& overridden(std::string_view driver);
  HostBuilder& acs(Fact<Acs> acs);
  HostBuilder& no_acs() { return acs(Absent{}); }
  HostBuilder& virtual_function_of(std::string_view physical);
  /// Anything else about the function added last.
  HostBuilder& with(void (*change)(PciFunction&));

  HostBuilder& group(std::uint32_t id, std::initializer_list<std::string_view> members);
  HostBuilder& guest(const std::string& name, std::initializer_list<std::string_view> live,
                     std::initializer_list<std::string_view> persistent);
  HostBuilder& holder(std::uint32_t group, int pid, const std::string& command);
  HostBuilder& home(std::string_view at, const DriverState& state);
  HostBuilder& host(void (*change)(Host&));

  Host build() const;

 private:
  PciFunction& last() { return host_.functions.back(); }
  Host host_;
};

/// A card of GPU and audio function below its own root port, 0000:64:00.0, all in group 5, and a server's own
/// display.
HostBuilder one_card();

}  // namespace gpupass
