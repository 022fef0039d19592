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

/// Collects claims, and the first reason why there may be more.
class ClaimReader {
 public:
  explicit ClaimReader(const System& system) : system_(system) {}

  void read_driverctl();
  void read_modprobe();
  void read_kernel_options();
  Fact<std::vector<Claim>> claims();

 private:
  /// Empty where there is none.
  std::string read(const std::string& path) { return known(system_.read(path)); }
  std::vector<std::string> list(std::string_view folder) {
    return known(system_.list(folder.substr(0, folder.size() - 1)));
  }
  template <typename T>
  T known(const Fact<T>& fact) {
    if (fact.unknown() && why_.empty()) why_ = fact.why();
    return fact.value_or({});
  }

  const System& system_;
  std::vector<Claim> claims_;
  std::string why_;
};

/// A file for each device, "pci-0000:65:00.0", with the driver's name in it.
void ClaimReader::read_driverctl() {
  constexpr std::string_view kPci = "pci-";
  for (const std::string& name : list(kDriverctl)) {
    if (!name.starts_with(kPci) || !PciAddress::parse(name.substr(kPci.size()))) continue;
    const std::string path = std::string(kDriverctl) + name;
    claims_.push_back({Claim::Owner::Driverctl, path, name.substr(kPci.size()), read(path)});
  }
}

void ClaimReader::read_modprobe() {
  for (const std::string& name : list(kModprobe)) {
    if (!name.ends_with(".conf")) continue;
    const std::string path = std::string(kModprobe) + name;
    const std::string text = read(path);
    for (const std::string_view line : lines_of(text))
      for (std::string& ids : vfio_ids_of_line(line))
        claims_.push_back({Claim::Owner::Modprobe, path, std::move(ids), "vfio-pci"});
  }
}

void ClaimReader::read_kernel_options() {
  const std::string text = read("/proc/cmdline");
  for (const std::string& option : iommu_options(text))
    for (std::string& ids : vfio_ids_of_option(option))
      claims_.push_back({Claim::Owner::Kernel, "/proc/cmdline", std::move(ids), "vfio-pci"});
}

Fact<std::vector<Claim>> ClaimReader::claims() {
  if (!why_.empty()) return Unknown{why_};
  std::ranges::sort(claims_, {},
                    [](const Claim& claim) { return std::tie(claim.owner, claim.where, claim.device); });
  return std::move(claims_);
}

}  // namespace

Fact<std::vector<Claim>> read_claims(const System& system) {
  ClaimReader reader(system);
  reader.read_driverctl();
  reader.read_modprobe();
  reader.read_kernel_options();
  return reader.claims();
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
