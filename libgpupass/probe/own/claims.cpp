// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Read by hand: libkmod reads modprobe.d of the running machine alone, and a captured machine has its own.
#include "probe/own/claims.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <tuple>

#include "probe/folder.hpp"
#include "probe/own/udev_rules.hpp"
#include "probe/pci/iommu.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

/// The quotes are the kernel's, which takes them off.
std::vector<std::string> split_ids(std::string text) {
  std::erase(text, '"');
  std::string_view ids = text;
  std::vector<std::string> all;
  while (!ids.empty()) {
    const std::size_t comma = ids.find(',');
    if (comma != 0) all.emplace_back(ids.substr(0, comma));
    ids.remove_prefix(comma == ids.npos ? ids.size() : comma + 1);
  }
  return all;
}

/// "vfio_pci" is "vfio-pci": a module's name has "-" and "_" alike.
std::optional<std::string> claiming_driver(std::string_view module) {
  std::string name(module);
  std::ranges::replace(name, '_', '-');
  return name == kVfioDriver || name == "pci-stub" ? std::optional(name) : std::nullopt;
}

/// "options vfio-pci ids=10de:2684,10de:22ba disable_vga=1".
ClaimedIds ids_of_line(std::string_view line) {
  const auto words = words_of(line);
  const auto driver = words.size() < 3 || words[0] != "options" ? std::nullopt : claiming_driver(words[1]);
  if (!driver) return {};
  for (const std::string_view word : words)
    if (word.starts_with("ids=")) return {*driver, split_ids(std::string(word.substr(4)))};
  return {};
}

/// Collects claims, and the first reason why there may be more.
class ClaimReader {
 public:
  explicit ClaimReader(const System& system) : system_(system) {}

  void read_driverctl();
  void read_modprobe();
  void read_udev();
  void read_kernel_options();
  void read_unraid();
  Fact<std::vector<Claim>> claims();

 private:
  /// Empty where there is none.
  std::string read(const std::string& path) { return known(system_.read(path)); }
  std::vector<std::string> list(std::string_view folder) { return known(system_.list(folder)); }
  /// The paths of the files with this end of a name; one hides those of its name in later folders.
  std::vector<std::string> files(std::span<const std::string_view> folders, std::string_view end);
  void add(Claim::Owner owner, const std::string& where, const ClaimedIds& claimed) {
    for (const std::string& ids : claimed.ids) claims_.push_back({owner, where, ids, claimed.driver});
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
  constexpr std::string_view kDriverctl = "/etc/driverctl.d", kPci = "pci-";
  for (const std::string& name : list(kDriverctl)) {
    if (!name.starts_with(kPci) || !PciAddress::parse(name.substr(kPci.size()))) continue;
    const std::string path = fmt::format("{}/{}", kDriverctl, name);
    claims_.push_back({Claim::Owner::Driverctl, path, name.substr(kPci.size()), read(path)});
  }
}

void ClaimReader::read_modprobe() {
  for (const std::string& path : files(kModprobeFolders, ".conf"))
    for (const ClaimedIds& claimed : ids_of_modprobe(read(path))) add(Claim::Owner::Modprobe, path, claimed);
}

void ClaimReader::read_udev() {
  for (const std::string& path : files(kUdevFolders, ".rules"))
    for (const UdevOverride& rule : overrides_of_udev(read(path)))
      claims_.push_back({Claim::Owner::Udev, path, rule.device, rule.driver});
}

/// All can read these folders; captures of earlier versions have the first alone.
std::vector<std::string> ClaimReader::files(std::span<const std::string_view> folders, std::string_view end) {
  std::vector<std::string> paths;
  std::set<std::string> seen;
  for (const std::string_view folder : folders) {
    const bool first = folder == kModprobeFolders.front();
    for (const std::string& name : first ? list(folder) : system_.list(folder).value_or({}))
      if (name.ends_with(end) && seen.insert(name).second)
        paths.push_back(fmt::format("{}/{}", folder, name));
  }
  return paths;
}

void ClaimReader::read_kernel_options() {
  const std::string text = read("/proc/cmdline");
  for (const std::string& option : iommu_options(text))
    add(Claim::Owner::Kernel, "/proc/cmdline", ids_of_option(option));
}

/// No other system has this file, so that one that cannot be read is none.
void ClaimReader::read_unraid() {
  const std::string path = "/boot/config/vfio-pci.cfg";
  for (const PciAddress address : functions_of_unraid(system_.read(path).value_or("")))
    claims_.push_back({Claim::Owner::Unraid, path, address.to_string(), kVfioDriver});
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
  reader.read_udev();
  reader.read_kernel_options();
  reader.read_unraid();
  return reader.claims();
}

std::vector<ClaimedIds> ids_of_modprobe(std::string text) {
  for (std::size_t at = 0; (at = text.find("\\\n", at)) != text.npos;) text.erase(at, 2);
  std::vector<ClaimedIds> all;
  for (const std::string_view line : lines_of(text))
    if (ClaimedIds claimed = ids_of_line(line); !claimed.ids.empty()) all.push_back(std::move(claimed));
  return all;
}

ClaimedIds ids_of_option(std::string_view option) {
  const std::size_t key = option.find(".ids=");
  const auto driver = key == option.npos ? std::nullopt : claiming_driver(option.substr(0, key));
  if (!driver) return {};
  return {*driver, split_ids(std::string(option.substr(key + 5)))};
}

std::vector<PciAddress> functions_of_unraid(std::string_view list) {
  constexpr std::string_view kKey = "BIND=";
  std::vector<PciAddress> functions;
  for (std::string_view line : lines_of(list)) {
    if (!line.starts_with(kKey)) continue;
    for (const std::string_view word : words_of(line.substr(kKey.size())))
      if (const auto address = PciAddress::parse(word.substr(0, word.find('|'))))
        functions.push_back(*address);
  }
  return functions;
}

}  // namespace gpupass
