// SPDX-License-Identifier: GPL-2.0-or-later
#include "candidates.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <set>
#include <utility>

#include "gpupass/error.hpp"
#include "gpupass/host.hpp"
#include "gpupass/names.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"

namespace gpupass {

namespace {

/// The placeholders of options with a few values.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kChoices = {{
    {"POLICY", "required|socket|preferred"},
    {"PAGES", "auto|off|2M|1G"},
    {"TYPE", "kvm|qemu"},
    {"KIND", "uefi|bios"},
    {"SYSTEM", "linux|windows"},
    {"URI", "qemu:///system|qemu:///session"},
}};

constexpr std::string_view kFirstDomain = "0000:";

std::vector<CandidateWord> choices(std::string_view text) {
  std::vector<CandidateWord> candidates;
  while (true) {
    const std::size_t end = std::min(text.find('|'), text.size());
    candidates.push_back({std::string(text.substr(0, end))});
    if (end == text.size()) return candidates;
    text.remove_prefix(end + 1);
  }
}

std::string name_of(const PciFunction& function) {
  static const NameLookup names = pci_names();
  if (!function.vendor || !function.device) return "";
  const auto [vendor, device] = names(*function.vendor, *function.device);
  return device.empty() ? vendor : device;
}

bool is_gpu(const PciFunction& function) {
  return function.class_code && is_gpu_class(*function.class_code);
}

bool is_physical_gpu(const PciFunction& function) {
  return is_gpu(function) && !function.physical_function.known();
}

/// A network card, a disk, or another device that a guest may want beside its GPUs.
bool is_device(const Host& host, const PciFunction& function) {
  constexpr std::array kBases = {0x01U, 0x02U, 0x0cU, 0x0dU};
  return function.class_code && std::ranges::find(kBases, *function.class_code >> 16) != kBases.end() &&
         role_of(host, function) == Role::Other;
}

/// The short form of an address, and the long one if the user has begun with it.
void add(std::vector<CandidateWord>& candidates, const PciFunction& function, const std::string& typed) {
  const std::string address = function.address.to_string(), meaning = name_of(function);
  const bool has_short_form = address.starts_with(kFirstDomain);
  if (has_short_form) candidates.push_back({address.substr(kFirstDomain.size()), meaning});
  if (!has_short_form || (!typed.empty() && address.starts_with(typed)))
    candidates.push_back({address, meaning});
}

std::vector<CandidateWord> gpus(const Host& host, const std::string& typed) {
  std::vector<CandidateWord> candidates;
  for (const PciFunction& function : host.functions)
    if (is_physical_gpu(function)) add(candidates, function, typed);
  return candidates;
}

std::vector<CandidateWord> devices(const Host& host, const std::string& typed) {
  std::vector<CandidateWord> candidates;
  for (const PciFunction& function : host.functions)
    if (is_device(host, function)) add(candidates, function, typed);
  return candidates;
}

/// Virtual functions of GPUs, and mediated devices.
std::vector<CandidateWord> slices(const Host& host, const std::string& typed) {
  std::vector<CandidateWord> candidates;
  for (const PciFunction& function : host.functions)
    if (is_gpu(function) && function.physical_function.known()) add(candidates, function, typed);
  for (const DeviceUse& use : host.uses.value_or({}))
    if (use.kind == DeviceUse::Kind::Mdev)
      candidates.push_back({use.what, "a mediated device of " + use.address.to_string()});
  return candidates;
}

/// "all" and "node:1" mean several.
std::vector<CandidateWord> collections(const Host& host) {
  std::vector<CandidateWord> candidates = {{"all", "every GPU"}};
  std::set<int> nodes;
  for (const PciFunction& function : host.functions)
    if (const Fact<int> node = nearest_numa_node(host, function); is_physical_gpu(function) && node)
      nodes.insert(*node);
  for (const int node : nodes)
    candidates.push_back({"node:" + std::to_string(node), "every GPU of NUMA node " + std::to_string(node)});
  return candidates;
}

std::vector<CandidateWord> findings() {
  std::vector<CandidateWord> candidates;
  for (const FindingId& finding : finding_ids()) candidates.push_back({finding.id, finding.meaning});
  return candidates;
}

std::vector<CandidateWord> domains(const Host& host) {
  std::vector<CandidateWord> candidates;
  if (host.domains)
    for (const Domain& domain : *host.domains) candidates.push_back({domain.name});
  return candidates;
}

/// The lines that another program prints.
std::vector<CandidateWord> lines_of(const char* command) {
  std::vector<CandidateWord> candidates;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> output(popen(command, "r"), pclose);
  std::array<char, 4096> line{};
  while (output && std::fgets(line.data(), line.size(), output.get())) {
    const std::string_view text(line.data());
    candidates.push_back({std::string(text.substr(0, text.find('\n')))});
  }
  return candidates;
}

std::vector<CandidateWord> joined(std::vector<CandidateWord> some, const std::vector<CandidateWord>& others) {
  some.insert(some.end(), others.begin(), others.end());
  return some;
}

std::vector<CandidateWord> of_the_machine(std::string_view placeholder, const std::string& typed,
                                          const SystemOptions& machine) {
  const auto look = [&](const Parts& parts) {
    return probe(*open_system(machine), {.parts = parts, .named = {}});
  };
  if (placeholder == "GPU") {
    const Host host = look({});
    return joined(gpus(host, typed), collections(host));
  }
  if (placeholder == "ADDRESS") return devices(look({.all_functions = true}), typed);
  if (placeholder == "SLICE") return slices(look({.uses = true}), typed);
  if (placeholder == "DEVICE") {
    const Host host = look({.all_functions = true});
    return joined(gpus(host, typed), devices(host, typed));
  }
  if (placeholder == "DOMAIN") return domains(look({.domains = true}));
  if (placeholder == "ID") return findings();
  if (placeholder == "NETWORK") return lines_of("virsh net-list --all --name 2>/dev/null </dev/null");
  if (placeholder == "UNIT")
    return lines_of(
        "systemctl list-units --type=service --plain --no-legend 2>/dev/null </dev/null | sed 's/ .*//'");
  return {};
}

}  // namespace

bool is_file(std::string_view placeholder) {
  return placeholder == "FILE" || placeholder == "PATH" || placeholder == "NAME.host";
}

std::vector<CandidateWord> candidates_for(std::string_view placeholder, const std::string& typed,
                                          const SystemOptions& machine) {
  const auto found =
      std::ranges::find(kChoices, placeholder, [](const auto& choice) { return choice.first; });
  if (found != kChoices.end()) return choices(found->second);
  if (placeholder.find('|') != placeholder.npos) return choices(placeholder);
  try {
    return of_the_machine(placeholder, typed, machine);
  } catch (const Error&) {  // There is nobody to tell it to.
    return {};
  }
}

}  // namespace gpupass
