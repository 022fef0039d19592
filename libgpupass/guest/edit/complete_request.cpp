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

namespace gpupass {

namespace {

constexpr std::uint64_t kSizeUnit = std::uint64_t{1} << 20;

/// In whole MiB, as libvirt rounds it up.
std::optional<std::uint64_t> memory_of(pugi::xml_node memory) {
  if (!memory) return std::nullopt;
  const auto bytes = bytes_of(memory);
  if (!bytes || *bytes > UINT64_MAX - kSizeUnit)
    throw Error(ErrorCode::Malformed, "domain XML",
                fmt::format("cannot read the domain XML: saw \"{}\" as <memory>, expected a size",
                            printable(memory.child_value())));
  return (*bytes + kSizeUnit - 1) / kSizeUnit * kSizeUnit;
}

/// What a guest has besides its memory devices.
std::uint64_t memory_of_cells(std::uint64_t memory, std::uint64_t plugged) {
  if (plugged > 0 && plugged >= memory)
    throw Error(
        ErrorCode::Usage, "domain XML",
        fmt::format("cannot patch the domain XML: saw memory devices of {} and memory of {} in all, expected "
                    "more memory than that",
                    format_size(plugged), format_size(memory)));
  return memory - plugged;
}

/// As QEMU rounds up the memory that it takes from such pages. 0 is for ordinary ones.
std::uint64_t whole_pages(std::uint64_t bytes, std::uint64_t page) {
  return page > 0 && bytes <= UINT64_MAX - page ? (bytes + page - 1) / page * page : bytes;
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
    const auto address = PciAddress::parse(device.attribute("address").value());
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
  const bool own_memory = !request.memory_bytes && request.cells.empty();
  if (!request.memory_bytes) request.memory_bytes = memory_of(text.child("memory"));
  if (request.memory_bytes && request.cells.empty())
    request.memory_bytes = memory_of_cells(*request.memory_bytes, plugged_memory(text.root()));
  if (!request.virt_type) request.virt_type = type_of(text.root());
  if (!request.numa) request.numa = policy_of(text.child("numatune"));
  if (!request.page_size_bytes) {
    request.page_size_bytes = page_size_of(text.root());
    if (own_memory && request.memory_bytes && request.page_size_bytes)
      request.memory_bytes = whole_pages(*request.memory_bytes, *request.page_size_bytes);
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
