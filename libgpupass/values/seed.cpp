// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/seed.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "values/hash.hpp"

namespace gpupass {

namespace {

// libvirt's own folder for images: the security modules let QEMU read there.
constexpr std::string_view kFolder = "/var/lib/libvirt/images/";
constexpr std::string_view kEnding = "-cloud-init.iso";

/// The guest's name in the letters that a host name can have. Empty: it has none of them.
std::string host_name(std::string_view guest) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::size_t kLongest = 63;
  std::string name;
  for (const char letter : guest)
    if (kLetters.find(letter) != kLetters.npos)
      name += letter;
    else if (!name.empty() && name.back() != '-')
      name += '-';
  name.resize(std::min(name.size(), kLongest));
  while (name.ends_with('-')) name.pop_back();
  return name;
}

}  // namespace

std::string seed_path(std::string_view guest) {
  return fmt::format("{}{}{}", kFolder, guest, kEnding);
}

bool is_seed(std::string_view path) {
  if (!path.starts_with(kFolder) || !path.ends_with(kEnding)) return false;
  const std::string_view name = path.substr(kFolder.size());
  return name.size() > kEnding.size() && name.front() != '.' && name.find('/') == name.npos;
}

std::string meta_data(std::string_view guest, std::string_view user_data) {
  const std::string name = host_name(guest);
  return fmt::format("instance-id: gpupass-{:016x}{:016x}\n{}", hash(guest), hash(user_data),
                     name.empty() ? "" : fmt::format("local-hostname: \"{}\"\n", name));
}

}  // namespace gpupass
