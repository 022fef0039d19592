// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// The names of PCI vendors and devices.
#pragma GCC visibility push(default)
namespace gpupass {

/// Empty where the database has none.
struct PciNames {
  std::string vendor;
  std::string device;
  friend bool operator==(const PciNames&, const PciNames&) = default;
};
/// How names are looked up. Whoever prints chooses the database.
using NameLookup = std::function<PciNames(std::uint16_t vendor, std::uint16_t device)>;

/// A look-up in `database`, a file in the format of pci.ids: the names that lspci prints. Nothing is read
/// before the first look-up, and nothing from the network. An unreadable file or a damaged line has no names.
///
/// Copies share what was read; use them from one thread at a time.
///
/// Reads: `database`, always on the running machine, even if the host is a captured tree; empty:
/// /usr/share/misc/pci.ids, else /usr/share/hwdata/pci.ids.
NameLookup pci_names(const std::string& database = {});

/// The candidate that was probably meant by a mistyped word: one that differs in a few letters only, or in
/// upper and lower case. Empty: none is near, or two are equally near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace gpupass
#pragma GCC visibility pop
