// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/iommu.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "probe/folder.hpp"
#include "probe/pci/options_tool.hpp"
#include "values/kernel_options.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr const char* kUnitsPath = "/sys/class/iommu";
constexpr const char* kInterruptsPath = "/proc/interrupts";
constexpr const char* kCommandLinePath = "/proc/cmdline";
constexpr const char* kUnsafePath = "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts";
constexpr const char* kTablesPath = "/sys/firmware/acpi/tables";

/// Intel, AMD, ARM, and virtual machines.
constexpr std::array<std::string_view, 4> kTables = {"DMAR", "IORT", "IVRS", "VIOT"};

/// The words of a command line; double quotes keep spaces together.
std::vector<std::string> tokens_of(std::string_view command_line) {
  std::vector<std::string> tokens(1);
  bool quotes = false;
  for (const char character : command_line) {
    if (character == '"') quotes = !quotes;
    if (!quotes && (character == ' ' || character == '\t' || character == '\n'))
      tokens.emplace_back();
    else
      tokens.back() += character;
  }
  std::erase(tokens, "");
  return tokens;
}

/// Without the function's address that newer kernels put behind it: "PCI-MSIX-0000:00:01.0".
std::string chip_name(std::string_view word) {
  std::string_view name = word.substr(0, word.find_first_of("0123456789"));
  if (name.ends_with('-')) name.remove_suffix(1);
  return std::string(name);
}

std::vector<std::string> read_tables(const System& system, Limits& limits) {
  if (system.read("/sys/hypervisor/type").value_or("") == "xen") return {"Xen"};
  const auto names = system.list(kTablesPath);
  // A machine described by a device tree has none.
  if (names.unknown()) limits.add("firmware tables", names.why());
  if (names.absent() && system.list("/sys/firmware/devicetree").known()) return {"device tree"};
  std::vector<std::string> tables;
  for (const std::string& name : names.value_or({}))
    if (std::ranges::find(kTables, name) != kTables.end()) tables.push_back(name);
  return tables;
}

/// With remapping on, x86 calls its chips "IR-PCI-MSI" and "IR-IO-APIC". That proves the remapping of
/// interrupts only: DMA may still be untranslated.
Fact<bool> read_interrupt_remapping(const System& system, Limits& limits) {
  const Fact<std::string> text = system.read(kInterruptsPath);
  const auto chips = interrupt_chips(text.value_or(""));
  const auto any = [&chips](std::string_view start) {
    return std::ranges::any_of(chips, [start](const std::string& chip) { return chip.starts_with(start); });
  };
  if (any("IR-")) return true;
  if (any("IO-APIC") || any("PCI-MSI")) return false;
  const std::string why = fmt::format(
      "{}: {}", kInterruptsPath, text ? "names no chip that shows it" : reason_of(text, kInterruptsPath));
  limits.add("interrupt remapping", why);
  return Unknown{why};
}

Fact<bool> read_unsafe_interrupts(const System& system) {
  const Fact<std::string> text = system.read(kUnsafePath);
  if (!text) return text.without_value<bool>();
  return *text == "Y" || *text == "1";
}

/// Intel's units give the widest guest address that they translate in bits 21:16 of their capabilities, and
/// in 12:8 the depths of page tables that they walk. AMD's walk tables of at least 48 bits.
std::optional<unsigned> address_bits_of(std::string_view capabilities) {
  const auto value = parse_number<std::uint64_t>(capabilities, 16);
  if (!value) return std::nullopt;
  constexpr std::array<std::pair<unsigned, unsigned>, 3> kDepths = {{{3, 57}, {2, 48}, {1, 39}}};
  const unsigned widest = static_cast<unsigned>(*value >> 16 & 0x3f) + 1;
  for (const auto& [bit, bits] : kDepths)
    if (*value >> (8 + bit) & 1) return std::min(widest, bits);
  return std::nullopt;
}

Fact<unsigned> read_address_bits(const System& system, const std::vector<std::string>& units) {
  Fact<unsigned> bits = Absent{};
  for (const std::string& unit : units) {
    if (!unit.starts_with("dmar")) continue;
    const Fact<std::string> capabilities =
        system.read(fmt::format("{}/{}/intel-iommu/cap", kUnitsPath, unit));
    const auto own = capabilities ? address_bits_of(*capabilities) : std::nullopt;
    if (own) bits = std::min(bits.value_or(*own), *own);
    if (capabilities.unknown() && !bits) bits = capabilities.without_value<unsigned>();
  }
  return bits;
}

}  // namespace

Fact<Iommu> read_iommu(const System& system, Limits& limits) {
  const auto units = system.list(kUnitsPath);
  if (!units) {
    const std::string why = fmt::format("{}: {}", kUnitsPath, reason_of(units, kUnitsPath));
    limits.add("IOMMU", why);
    return Unknown{why};
  }
  Iommu iommu;
  iommu.units = *units;
  iommu.firmware_tables = read_tables(system, limits);
  iommu.interrupt_remapping = read_interrupt_remapping(system, limits);
  iommu.unsafe_interrupts = read_unsafe_interrupts(system);
  iommu.address_bits = read_address_bits(system, iommu.units);
  const Fact<std::string> command_line = system.read(kCommandLinePath);
  if (!command_line)
    limits.add("kernel options",
               fmt::format("{}: {}", kCommandLinePath, reason_of(command_line, kCommandLinePath)));
  iommu.kernel_options = iommu_options(command_line.value_or(""));
  iommu.options_tool = read_options_tool(system);
  return iommu;
}

std::vector<std::string> iommu_options(std::string_view command_line) {
  std::vector<std::string> options = tokens_of(command_line);
  std::erase_if(options, [](const std::string& option) { return !concerns_iommu(option); });
  return options;
}

std::vector<std::string> interrupt_chips(std::string_view interrupts) {
  std::set<std::string> chips;
  for (const std::string_view line : lines_of(interrupts))
    for (const std::string_view word : words_of(line))
      if (word.starts_with("IR-") || word.starts_with("IO-APIC") || word.starts_with("PCI-MSI"))
        chips.insert(chip_name(word));
  return {chips.begin(), chips.end()};
}

}  // namespace gpupass
