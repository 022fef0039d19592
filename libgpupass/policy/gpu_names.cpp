// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/gpu_names.hpp"

#include <string>

#include "gpupass/identity.hpp"
#include "policy/settings.hpp"
#include "values/card.hpp"
#include "values/lower.hpp"

namespace gpupass {

namespace {

const std::string kNvidiaPrefix = "gpu-";
constexpr std::size_t kShortestPart = 3;

/// A UUID as nvidia-smi prints it, and as others do, without the "GPU-".
bool begins_uuid(std::string_view uuid, std::string_view word) {
  if (uuid.starts_with(word)) return true;
  return uuid.starts_with(kNvidiaPrefix) && uuid.substr(kNvidiaPrefix.size()).starts_with(word);
}

/// lspci writes a serial number with a dash between each two digits.
std::string without_dashes(std::string text) {
  std::erase(text, '-');
  return text;
}

bool is_whole_name(const Host& host, const PciFunction& gpu, const std::string& word) {
  const Identity identity = identity_of(host, gpu);
  const std::string uuid = lower(identity.uuid);
  if (!word.empty() && (word == uuid || kNvidiaPrefix + word == uuid)) return true;
  return !identity.serial.empty() && lower(identity.serial) == without_dashes(word);
}

/// Whole addresses are not asked for here, so "65:00" has another character to come.
bool begins_address(const PciFunction& gpu, std::string_view word) {
  const std::string address = gpu.address.to_string();
  constexpr std::string_view kFirstDomain = "0000:";
  return address.starts_with(word) ||
         (address.starts_with(kFirstDomain) && address.substr(kFirstDomain.size()).starts_with(word));
}

bool is_part_of_model(const PciFunction& gpu, std::string_view word, const NameLookup& lookup) {
  if (!lookup || !gpu.vendor || !gpu.device) return false;
  const auto [vendor, device] = lookup(*gpu.vendor, *gpu.device);
  return lower(vendor + ' ' + device).find(word) != std::string::npos;
}

bool is_part_of_name(const Host& host, const PciFunction& gpu, std::string_view word,
                     const NameLookup& lookup) {
  return begins_address(gpu, word) || begins_uuid(lower(identity_of(host, gpu).uuid), word) ||
         is_part_of_model(gpu, word, lookup);
}

}  // namespace

std::vector<const PciFunction*> gpus_called(const Host& host, std::string_view name,
                                            const NameLookup& lookup) {
  const std::string word = lower(name);
  std::vector<const PciFunction*> called;
  for (const PciFunction& function : host.functions)
    if (is_gpu(function) && !word.empty() && lower(name_of(host, function)) == word) return {&function};
  const auto find = [&](bool virtual_ones, const auto& fits) {
    if (!called.empty()) return;
    for (const PciFunction& function : host.functions)
      if (is_gpu(function) && is_virtual(function) == virtual_ones && fits(function))
        called.push_back(&function);
  };
  for (const bool virtual_ones : {false, true})
    find(virtual_ones, [&](const PciFunction& gpu) { return is_whole_name(host, gpu, word); });
  if (word.size() >= kShortestPart)
    for (const bool virtual_ones : {false, true})
      find(virtual_ones, [&](const PciFunction& gpu) { return is_part_of_name(host, gpu, word, lookup); });
  return called;
}

}  // namespace gpupass
