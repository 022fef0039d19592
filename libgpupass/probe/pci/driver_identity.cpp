// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/driver_identity.hpp"

#include "probe/folder.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

/// "GPU UUID:        GPU-0a1b2c3d-..." among other lines. Question marks until the driver has started the
/// GPU.
std::optional<std::string> parse_uuid(std::string_view text) {
  constexpr std::string_view kKey = "GPU UUID:";
  for (const std::string_view line : lines_of(text)) {
    if (!line.starts_with(kKey)) continue;
    const auto words = words_of(line.substr(kKey.size()));
    if (words.size() != 1 || words[0].size() != 40 || !words[0].starts_with("GPU-") ||
        words[0].find_first_not_of("0123456789abcdefABCDEF-", 4) != std::string_view::npos)
      return std::nullopt;
    return std::string(words[0]);
  }
  return std::nullopt;
}

/// "Device Minor:    3".
std::optional<unsigned> parse_minor(std::string_view text) {
  constexpr std::string_view kKey = "Device Minor:";
  for (const std::string_view line : lines_of(text))
    if (const auto words = words_of(line); line.starts_with(kKey) && words.size() == 3)
      return parse_number<unsigned>(words[2]);
  return std::nullopt;
}

/// "1a2b3c4d5e6f7081".
std::optional<std::string> parse_unique_id(std::string_view text) {
  const bool hexadecimal = text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
  return hexadecimal && text.size() == 16 ? std::optional(std::string(text)) : std::nullopt;
}

const Form<std::uint64_t> kBytes{[](std::string_view text) { return parse_number<std::uint64_t>(text); },
                                 "bytes"};
const Form<std::string> kUniqueId{parse_unique_id, "16 hexadecimal digits"};
const Form<std::string> kInformation{parse_uuid, "a line \"GPU UUID: GPU-...\""};

}  // namespace

void read_identity_by_driver(const System& system, Limits& limits, const Folder& attributes,
                             PciFunction& function) {
  if (function.driver && *function.driver == "amdgpu") {
    function.uuid = attributes.read("unique_id", kUniqueId);  // Cards before Vega have none.
    function.memory_bytes = attributes.read("mem_info_vram_total", kBytes);
    return;
  }
  function.memory_bytes = Absent{};
  if (!function.driver || *function.driver != "nvidia") {
    function.uuid = function.driver.unknown() ? function.driver : Fact<std::string>(Absent{});
    return;
  }
  const std::string address = function.address.to_string();
  const Folder folder(system, limits, "/proc/driver/nvidia/gpus/" + address, address);
  function.uuid = folder.expect("information", kInformation);
}

std::optional<unsigned> nvidia_minor(const System& system, PciAddress address) {
  const Fact<std::string> text =
      system.read_guarded("/proc/driver/nvidia/gpus/" + address.to_string() + "/information");
  return text ? parse_minor(*text) : std::nullopt;
}

}  // namespace gpupass
