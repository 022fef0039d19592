// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether the memory of all cards finds addresses in the guest.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "gpupass/units.hpp"
#include "guest/check/domain_check.hpp"
#include "guest/model/address_space.hpp"
#include "guest/model/buses.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/model/libvirt_values.hpp"
#include "guest/model/port_window.hpp"
#include "guest/model/qemu.hpp"
#include "guest/text/values.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr std::uint64_t kLeastWindow = std::uint64_t{32}
                                       << 30;  // Of UEFI: PcdPciMmio64Size of edk2's OvmfPkg.
constexpr unsigned kBitsOfFirmware = 46;       // UEFI uses no more, with page tables of four levels.

/// What a window must hold at the least.
std::uint64_t large_memory(const DomainCheck& check) {
  std::uint64_t sum = 0;
  for (const PciAddress address : claimed_functions(check.domain()))
    if (const PciFunction* function = find_function(check.host(), address); function && function->bars)
      for (const Bar& bar : *function->bars)
        if (bar.memory && bar.is_64bit && bar.prefetchable)
          sum = std::min(sum + std::min(bar.size_bytes, Window::kLargest), Window::kLargest);
  return sum;
}

/// The size that the definition gives the firmware's window; 0: none.
std::uint64_t given_window(pugi::xml_node domain) {
  for (const pugi::xml_node argument : qemu_child(domain, "commandline").children()) {
    const std::string_view value = argument.attribute("value").value();
    const auto key = value.find(kFirmwareWindow);
    if (key == value.npos) continue;
    const auto mib =
        parse_number<std::uint64_t>(value.substr(key + std::string_view(kFirmwareWindow).size()));
    return std::min(mib.value_or(0), Window::kLargest >> 20) << 20;
  }
  return 0;
}

void check_hole(DomainCheck& check, unsigned bits) {
  std::uint64_t hole = 0;
  for (const pugi::xml_node controller : check.devices().children("controller"))
    hole = std::max(hole, std::min(bytes_of(controller.child("pcihole64")).value_or(0), Window::kLargest));
  const std::uint64_t end = memory_end(check.domain()) + hole;
  if (hole == 0 || end <= std::uint64_t{1} << bits) return;
  check.fail("domain.window",
             fmt::format(
                 "<pcihole64> of {} above the guest's memory ends at {}, but its CPU has {} bits of address, "
                 "{}: QEMU refuses to start it",
                 format_size(hole), format_size(end), bits, format_size(std::uint64_t{1} << bits)),
             "make <pcihole64> smaller, or the guest's memory");
}

/// The firmware puts the memory of large cards at the end of what it is told of.
void check_width(DomainCheck& check, unsigned bits) {
  const auto own = address_bits_of(check.host());
  if (!own || bits <= *own || large_memory(check) == 0) return;
  check.fail("domain.window",
             fmt::format("<maxphysaddr> tells the guest of {} bits of address, but this host has {}: the "
                         "memory of its cards comes to addresses that the host does not reach",
                         bits, *own),
             "use <maxphysaddr mode='passthrough'/>");
}

void check_firmware(DomainCheck& check, unsigned bits) {
  const std::uint64_t needed = large_memory(check);
  const std::uint64_t opened = std::max({given_window(check.domain()), kLeastWindow,
                                         std::uint64_t{1} << (std::min(bits, kBitsOfFirmware) - 3)});
  if (needed <= opened) return;
  check.fail(
      "domain.window",
      fmt::format(
          "the large memory of its cards needs {} of addresses, but the guest's firmware opens a window "
          "of {}, for a CPU of {} bits: the cards get none",
          format_size(needed), format_size(opened), bits),
      "set <cpu mode='host-passthrough'/>, or let gpupass xml --base write the window");
}

}  // namespace

void check_window(DomainCheck& check) {
  const bool is_kvm = std::string_view(check.domain().attribute("type").value()) == "kvm";
  const auto bits = address_bits_of(check.domain(), check.host());
  constexpr unsigned kFewest = 32, kMost = 52;
  if (!is_kvm || !is_q35(check.domain()) || !bits || *bits < kFewest || *bits > kMost) return;
  check_hole(check, *bits);
  if (has_uefi(check.domain())) check_firmware(check, *bits);
  if (check.domain().child("cpu").child("maxphysaddr").attribute("bits")) check_width(check, *bits);
}

}  // namespace gpupass
