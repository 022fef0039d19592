// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/cpu/cpus.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "probe/folder.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kVendorKey = "vendor_id";
constexpr std::string_view kSizesKey = "address sizes";

/// The CPUs that exist and do not run. The kernel's `offline` also lists CPUs that may be added later.
Fact<CpuSet> read_offline(const Folder& folder) {
  const Fact<CpuSet> present = folder.read("present", kCpuList);
  const Fact<CpuSet> online = folder.read("online", kCpuList);
  if (present && online) return *present - *online;
  return folder.read("offline", kCpuList);
}

/// Those of isolcpus, and those of nohz_full, each of which is meant for one busy task:
/// Documentation/timers/no_hz.rst of Linux. Where there are none of the second, the kernel writes "(null)".
Fact<CpuSet> read_isolated(const Folder& folder) {
  const Fact<CpuSet> isolated = folder.read("isolated", kCpuList);
  const auto undisturbed = CpuSet::parse(folder.text("nohz_full").value_or(""));
  if (isolated.unknown() || !undisturbed || undisturbed->empty()) return isolated;
  return isolated.value_or({}) | *undisturbed;
}

/// Intel's kinds of cores have perf events of their own; captures of earlier versions do not tell.
Fact<CpuSet> read_efficient(const System& system) {
  Fact<CpuSet> efficient = Absent{};
  for (const char* path : {"/sys/devices/cpu_atom/cpus", "/sys/devices/cpu_lowpower/cpus"})
    if (const auto cpus = CpuSet::parse(system.read(path).value_or("")); cpus && !cpus->empty())
      efficient = efficient.value_or({}) | *cpus;
  return efficient;
}

/// A feature that the CPUs of one architecture have, and no others.
struct Sign {
  std::string_view key;
  std::string_view feature;
  const char* architecture;
};
constexpr Sign kSigns[] = {{"flags", "lm", "x86_64"}, {"Features", "asimd", "aarch64"}};

/// Linux 6.1 and later name it; before, the features of the CPUs give it away. Never asked of the running
/// machine by a system call: what is read may be another machine.
Fact<std::string> read_architecture(const Folder& proc, Limits& limits) {
  const Fact<std::string> named = proc.read("sys/kernel/arch", kWord);
  if (!named.absent()) return named;
  const std::string cpuinfo = cpuinfo_lines(proc.text("cpuinfo").value_or(""));
  for (const std::string_view line : lines_of(cpuinfo)) {
    const auto words = words_of(line);
    for (const Sign& sign : kSigns)
      if (words.front() == sign.key && std::ranges::find(words, sign.feature) != words.end())
        return std::string(sign.architecture);
  }
  limits.add("architecture", "neither /proc/sys/kernel/arch nor /proc/cpuinfo names it");
  return Unknown{"neither /proc/sys/kernel/arch nor /proc/cpuinfo names it"};
}

/// By the kernel's numbers, X86_VENDOR_* in its asm/processor.h.
struct Vendor {
  unsigned number;
  const char* name;
};
constexpr Vendor kVendors[] = {
    {0, "GenuineIntel"}, {2, "AuthenticAMD"}, {5, "CentaurHauls"}, {9, "HygonGenuine"}, {10, "  Shanghai  "}};

constexpr std::string_view kX86Alias = "cpu:type:x86,ven";
constexpr std::string_view kAlias = "cpu:type:";

/// "cpu:type:x86,ven0002fam0019mod0001:feature:,0000,...". Empty: it names none.
std::string vendor_of_alias(std::string_view alias) {
  if (!alias.starts_with(kX86Alias)) return "";
  const auto number = parse_number<unsigned>(alias.substr(kX86Alias.size()).substr(0, 4), 16);
  const auto vendor = std::ranges::find(kVendors, number, &Vendor::number);
  return vendor == std::end(kVendors) ? "" : vendor->name;
}

/// What CPUID can answer: twelve characters.
bool is_vendor(std::string_view name) {
  return name.size() == 12 && std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~'; });
}

/// "vendor_id       : GenuineIntel", spaces in the name included. Empty: it is not named.
std::string vendor_of_cpuinfo(std::string_view cpuinfo) {
  constexpr std::string_view kBetween = ": ";
  for (const std::string_view line : lines_of(cpuinfo)) {
    const std::size_t between = line.find(kBetween);
    if (!line.starts_with(kVendorKey) || between == line.npos) continue;
    const std::string_view name = line.substr(between + kBetween.size());
    return is_vendor(name) ? std::string(name) : "";
  }
  return "";
}

bool is_x86(std::string_view architecture) {
  return architecture == "x86_64" || (architecture.starts_with('i') && architecture.ends_with("86"));
}

/// Only CPUs of x86 name their vendor.
Fact<std::string> read_vendor(const Folder& cpus, const Folder& proc, Limits& limits,
                              const Fact<std::string>& architecture) {
  const std::string alias = cpus.text("modalias").value_or("");
  if (alias.starts_with(kAlias) && !alias.starts_with(kX86Alias)) return Absent{};
  if (const std::string vendor = vendor_of_alias(alias); !vendor.empty()) return vendor;
  if (architecture && !is_x86(*architecture)) return Absent{};
  const std::string vendor = vendor_of_cpuinfo(cpuinfo_lines(proc.text("cpuinfo").value_or("")));
  if (!vendor.empty()) return vendor;
  const std::string why =
      fmt::format("neither {} nor {} names it", cpus.path_of("modalias"), proc.path_of("cpuinfo"));
  limits.add("CPU vendor", why);
  return Unknown{why};
}

/// "address sizes   : 39 bits physical, 48 bits virtual". A machine of another architecture does not say it.
Fact<unsigned> read_address_bits(const Folder& proc, const Fact<std::string>& architecture) {
  if (architecture && !is_x86(*architecture)) return Absent{};
  const Fact<std::string> text = proc.text("cpuinfo");
  if (!text) return text.without_value<unsigned>();
  const std::string cpuinfo = cpuinfo_lines(*text);
  for (const std::string_view line : lines_of(cpuinfo)) {
    if (!line.starts_with(kSizesKey)) continue;
    for (const std::string_view word : words_of(line))
      if (const auto bits = parse_number<unsigned>(word)) return *bits;
  }
  return Absent{};
}

}  // namespace

Fact<CpuTopology> read_topology(const System& system, Limits& limits) {
  const Fact<CpuTopology> topology = system.ask(CpuTopologyQuestion{});
  if (topology.absent()) limits.add("CPUs", "unknown: this machine describes no CPU topology");
  if (topology.unknown()) limits.add("CPUs", "unknown: " + topology.why());
  return topology;
}

void read_cpu_facts(const System& system, Limits& limits, Host& host) {
  const Folder folder(system, limits, "/sys/devices/system/cpu", "CPUs");
  const Folder proc(system, limits, "/proc", "this machine");
  host.architecture = read_architecture(proc, limits);
  host.cpu_vendor = read_vendor(folder, proc, limits, host.architecture);
  host.cpu_address_bits = read_address_bits(proc, host.architecture);
  host.offline_cpus = read_offline(folder);
  host.isolated_cpus = read_isolated(folder);
  host.efficient_cpus = read_efficient(system);
}

std::string cpuinfo_lines(std::string_view cpuinfo) {
  std::vector<std::string_view> keys = {kVendorKey, kSizesKey};
  for (const Sign& sign : kSigns) keys.push_back(sign.key);
  std::vector<std::string_view> found;
  for (const std::string_view line : lines_of(cpuinfo)) {
    const auto key =
        std::ranges::find_if(keys, [line](std::string_view name) { return line.starts_with(name); });
    if (key == keys.end()) continue;
    found.push_back(line);
    keys.erase(key);
    if (keys.size() == 1) break;  // It is another architecture's.
  }
  return fmt::format("{}", fmt::join(found, "\n"));
}

std::string_view cpu_type(std::string_view alias) {
  return alias.substr(0, alias.find(":feature:"));
}

}  // namespace gpupass
