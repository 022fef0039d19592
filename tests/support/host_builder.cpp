// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/host_builder.hpp"

#include <algorithm>
#include <stdexcept>

#include "support/asked.hpp"

namespace gpupass {

namespace {

constexpr Acs kIsolating{0x5f, 0x1d};

Fact<std::string> name_or_none(std::string_view name) {
  if (name.empty()) return Absent{};
  return std::string(name);
}

std::vector<PciAddress> addresses(std::initializer_list<std::string_view> texts) {
  std::vector<PciAddress> result;
  for (const std::string_view text : texts) result.push_back(address(text));
  std::ranges::sort(result);
  return result;
}

}  // namespace

PciAddress address(std::string_view text) {
  const auto parsed = PciAddress::parse(text);
  if (!parsed) throw std::logic_error("no PCI address: " + std::string(text));
  return *parsed;
}

HostBuilder::HostBuilder() {
  host_.iommu = Iommu{{"dmar0"}, {"DMAR"}, true, {}};
  host_.domains = std::vector<Domain>{};
  host_.holders = std::vector<Holder>{};
  ask_the_rest(host_);
}

HostBuilder& HostBuilder::function(std::string_view at, std::uint32_t class_code, std::string_view driver) {
  PciFunction function;
  function.address = address(at);
  function.class_code = class_code;
  function.vendor = std::uint16_t{0x10de};
  function.device = std::uint16_t{0x2330};
  function.driver = name_or_none(driver);
  function.driver_override = Absent{};
  function.iommu_group = Absent{};
  function.numa_node = Absent{};
  function.parent = Absent{};
  function.boot_vga = class_code >> 8 == 0x0300 ? Fact<bool>(false) : Fact<bool>(Absent{});
  function.sriov = Absent{};
  function.physical_function = Absent{};
  function.config = PciConfig{false, false, ExpressType::Endpoint, Absent{}, true, Absent{}};
  ask_the_rest(function);
  host_.functions.push_back(function);
  return *this;
}

HostBuilder& HostBuilder::port(std::string_view at, ExpressType type) {
  function(at, 0x060400, "pcieport");
  last().config = PciConfig{true, false, type, kIsolating, Absent{}, Absent{}, true};
  return *this;
}

HostBuilder& HostBuilder::below(std::string_view bridge) {
  last().parent = address(bridge);
  return *this;
}

HostBuilder& HostBuilder::ids(std::uint16_t vendor, std::uint16_t device) {
  last().vendor = vendor;
  last().device = device;
  return *this;
}

HostBuilder& HostBuilder::overridden(std::string_view driver) {
  last().driver_override = name_or_none(driver);
  return *this;
}

HostBuilder& HostBuilder::acs(Fact<Acs> acs) {
  last().config->acs = std::move(acs);
  return *this;
}

HostBuilder& HostBuilder::virtual_function_of(std::string_view physical) {
  last().physical_function = address(physical);
  return *this;
}

HostBuilder& HostBuilder::with(void (*change)(PciFunction&)) {
  change(last());
  return *this;
}

HostBuilder& HostBuilder::group(std::uint32_t id, std::initializer_list<std::string_view> members) {
  host_.groups->push_back({id, addresses(members), std::string("DMA"), {}});
  return *this;
}

HostBuilder& HostBuilder::guest(const std::string& name, std::initializer_list<std::string_view> live,
                                std::initializer_list<std::string_view> persistent) {
  Domain domain;
  domain.name = name;
  domain.active = live.size() > 0;
  domain.persistent = true;
  for (const PciAddress device : addresses(live)) domain.live_devices.emplace_back(device);
  for (const PciAddress device : addresses(persistent)) domain.persistent_devices.emplace_back(device);
  host_.domains->push_back(domain);
  return *this;
}

HostBuilder& HostBuilder::holder(std::uint32_t group, int pid, const std::string& command) {
  host_.holders->push_back({group, pid, command});
  return *this;
}

HostBuilder& HostBuilder::home(std::string_view at, const DriverState& state) {
  host_.homes->push_back({address(at), state, {0x10de, 0x2330}});
  return *this;
}

HostBuilder& HostBuilder::host(void (*change)(Host&)) {
  change(host_);
  return *this;
}

Host HostBuilder::build() const {
  Host host = host_;
  for (const IommuGroup& group : *host.groups)
    for (PciFunction& function : host.functions)
      if (std::ranges::binary_search(group.members, function.address)) function.iommu_group = group.id;
  std::ranges::sort(host.functions, {}, &PciFunction::address);
  std::ranges::sort(*host.groups, {}, &IommuGroup::id);
  std::ranges::sort(*host.homes, {}, &Home::address);
  return host;
}

HostBuilder one_card() {
  HostBuilder builder;
  builder.vga("0000:03:00.0", "ast").with([](PciFunction& f) { f.boot_vga = true; });
  builder.port("0000:64:00.0", ExpressType::RootPort);
  builder.gpu("0000:65:00.0").below("0000:64:00.0");
  builder.audio("0000:65:00.1").below("0000:64:00.0");
  builder.group(1, {"0000:03:00.0"});
  builder.group(5, {"0000:65:00.0", "0000:65:00.1"});
  builder.group(6, {"0000:64:00.0"});
  return builder;
}

}  // namespace gpupass
