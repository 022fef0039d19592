// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/settings.hpp"
#include "values/lower.hpp"

namespace gpupass {

bool is_gpu_name(std::string_view name) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  constexpr std::size_t kLongest = 64;
  if (name.empty() || name.size() > kLongest || name.find_first_not_of(kAllowed) != name.npos) return false;
  if (kLetters.find(name.front()) == kLetters.npos) return false;
  const std::string word = lower(name);
  return word != "all" && !word.starts_with("gpu-") && !word.starts_with("mig-") && !word.starts_with("pci_");
}

}  // namespace gpupass
