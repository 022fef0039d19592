// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Read by hand: libkmod reads modprobe.d of the running machine alone, and a captured machine has its own.
#include "probe/own/claims.hpp"

#include <algorithm>
#include <tuple>

#include "probe/folder.hpp"
#include "probe/pci/iommu.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kDriverctl = "/etc/driverctl.d/";
constexpr std::string_view kModprobe = "/etc/modprobe.d/";

std::vector<std::string> split_ids(std::string_view ids) {
  std::vector<std::string> all;
  while (!ids.empty()) {
    const std::size_t comma = ids.find(',');
    if (comma != 0) all.emplace_back(ids.substr(0, comma));
    ids.remove_prefix(comma == ids.npos ? ids.size() : comma + 1);
  }
  return all;
}

/// A file for each device, "pci-0000:65:00.0", with the driver's name in it.
void add_driverctl(const System& system, std::vector<Claim>& claims) {
  constexpr std::string_view kPci = "pci-";
  for (const std::string& name : system.list(kDriverctl.substr(0, kDriverctl.size() - 1)).value_or({})) {
    if (!name.starts_with(kPci) || !PciAddress::parse(name.substr(kPci.size()))) continue;
    const std::string path = std::string(kDriverctl) + name;
    claims.push_back({"driverctl", path, name.substr(kPci.size()), system.read(path).value_or("")});
  }
}

void add_modprobe(const System& system, std::vector<Claim>& claims) {
  for (const std::string& name : system.list(kModprobe.substr(0, kModprobe.size() - 1)).value_or({})) {
    if (!name.ends_with(".conf")) continue;
    const std::string path = std::string(kModprobe) + name;
    const std::string text = system.read(path).value_or("");
    for (const std::string_view line : lines_of(text))
      for (std::string& ids : vfio_ids_of_line(line))
        claims.push_back({"modprobe", path, std::move(ids), "vfio-pci"});
  }
}

void add_kernel_options(const System& system, std::vector<Claim>& claims) {
  const std::string text = system.read("/proc/cmdline").value_or("");
  for (const std::string& option : iommu_options(text))
    for (std::string& ids : vfio_ids_of_option(option))
      claims.push_back({"kernel", "/proc/cmdline", std::move(ids), "vfio-pci"});
}

}  // namespace

std::vector<Claim> read_claims(const System& system) {
  std::vector<Claim> claims;
  add_driverctl(system, claims);
  add_modprobe(system, claims);
  add_kernel_options(system, claims);
  std::ranges::sort(claims, {},
                    [](const Claim& claim) { return std::tie(claim.owner, claim.where, claim.device); });
  return claims;
}

/// "options vfio-pci ids=10de:2684,10de:22ba disable_vga=1": a module's name has "-" and "_" alike.
std::vector<std::string> vfio_ids_of_line(std::string_view line) {
  const auto words = words_of(line);
  if (words.size() < 3 || words[0] != "options" || (words[1] != "vfio-pci" && words[1] != "vfio_pci"))
    return {};
  for (const std::string_view word : words)
    if (word.starts_with("ids=")) return split_ids(word.substr(4));
  return {};
}

std::vector<std::string> vfio_ids_of_option(std::string_view option) {
  for (const std::string_view key : {"vfio-pci.ids=", "vfio_pci.ids="})
    if (option.starts_with(key)) return split_ids(option.substr(key.size()));
  return {};
}

}  // namespace gpupass
