// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/render.hpp"
#include "gpupass/units.hpp"
#include "guest/edit/domain.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/model/memory.hpp"
#include "guest/text/values.hpp"
#include "values/round_up.hpp"

namespace gpupass {

namespace {

constexpr std::uint64_t kSizeUnit = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostMemory = std::uint64_t{1} << 62;

std::optional<std::uint64_t> memory_of(pugi::xml_node memory) {
  if (!memory) return std::nullopt;
  const auto bytes = bytes_of(memory);
  if (!bytes || *bytes > kMostMemory)
    throw Error(ErrorCode::Malformed, "domain XML",
                fmt::format("cannot read the domain XML: saw \"{}\" as <memory>, expected a size",
                            printable(memory.child_value())));
  return bytes;
}

/// What a guest has besides its memory devices, whose sizes need not be whole MiB; libvirt rounds it up.
std::uint64_t memory_of_cells(std::uint64_t memory, std::uint64_t plugged) {
  if (plugged > 0 && plugged >= memory)
    throw Error(
        ErrorCode::Usage, "domain XML",
        fmt::format("cannot patch the domain XML: saw memory devices of {} and memory of {} in all, expected "
                    "more memory than that",
                    format_size(plugged), format_size(memory)));
  return plugged > 0 ? round_up(memory - plugged, kSizeUnit) : memory;
}

VirtType type_of(pugi::xml_node domain) {
  return std::string_view(domain.attribute("type").value()) == "qemu" ? VirtType::Qemu : VirtType::Kvm;
}

/// Strict memory does not tell how many nodes there may be; the fewest are what a request without a policy
/// gets.
std::optional<NumaPolicy> policy_of(pugi::xml_node numatune) {
  const auto preferred = [](pugi::xml_node memory) {
    return std::string_view(memory.attribute("mode").value()) == "preferred";
  };
  return numatune.find_child(preferred) ? std::optional(NumaPolicy::Preferred) : std::nullopt;
}

/// 0 is for ordinary pages; cells with different ones leave the choice open.
std::optional<std::uint64_t> page_size_of(pugi::xml_node domain) {
  if (!domain.child("memoryBacking").child("hugepages")) return 0;
  const std::vector<PageElement> pages = page_elements(domain);
  return pages.size() == 1 && !pages.front().cells ? pages.front().bytes : std::nullopt;
}

}  // namespace

std::vector<std::string> devices_along(const Definition& text) {
  const std::vector<DeviceId> given = claimed_devices(text.root());
  std::vector<std::string> devices;
  for (const pugi::xml_node device : own_metadata(text).children()) {
    const auto address = DeviceId::parse(device.attribute("address").value());
    if (std::string_view(device.name()).ends_with("device") && address &&
        std::ranges::binary_search(given, *address))
      devices.push_back(address->to_string());
  }
  return devices;
}

Request complete_request(Request request, std::string_view base) {
  if (base.empty()) return request;
  const Definition text(base);
  if (!request.vcpus) request.vcpus = vcpus_of(text.root());
  const bool asked = request.memory_bytes.has_value();
  if (!asked) request.memory_bytes = memory_of(text.child("memory"));
  if (request.memory_bytes && request.cells.empty())
    request.memory_bytes = memory_of_cells(*request.memory_bytes, plugged_memory(text.root()));
  if (!asked && request.memory_bytes) request.memory_bytes = round_up(*request.memory_bytes, kSizeUnit);
  if (!request.virt_type) request.virt_type = type_of(text.root());
  if (!request.numa) request.numa = policy_of(text.child("numatune"));
  if (!request.page_size_bytes) {
    request.page_size_bytes = page_size_of(text.root());
    const std::uint64_t page =
        request.page_size_bytes.value_or(0);  // 0: ordinary ones; QEMU takes whole others.
    if (!asked && request.cells.empty() && request.memory_bytes && page > 0 && page < kMostMemory)
      request.memory_bytes = round_up(*request.memory_bytes, page);
  }
  if (!request.firmware) request.firmware = has_uefi(text.root()) ? Firmware::Uefi : Firmware::Bios;
  if (request.devices.empty()) request.devices = devices_along(text);
  return request;
}

Request complete_request(const Request& request, const Base& base) {
  Request completed = complete_request(request, std::string_view(base.xml));
  if (base.use == Base::Use::Copy) completed.devices = request.devices;
  return completed;
}

}  // namespace gpupass
