// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <vector>

#include "gpupass/pci.hpp"

/// The PCI buses of a guest, as its definition gives them: each <controller type='pci'> is one, by its index.
namespace gpupass {

struct GuestBus {
  unsigned index = 0;
  bool has_index = true;  ///< The definition names the index; libvirt has yet to choose it otherwise.
  std::string model;      ///< "pcie-root-port".
  std::optional<unsigned> parent;  ///< The bus that it is plugged into; none: libvirt has yet to choose.
  std::optional<unsigned> number;  ///< Of an expander: the bus number that the guest sees.
  std::optional<unsigned> cell;    ///< Of an expander: the guest's NUMA cell.
  bool free = true;                ///< Nothing is plugged into it.
  pugi::xml_node controller;       ///< Its element.
};

bool is_root(const GuestBus& bus);
bool is_expander(const GuestBus& bus);
/// Whether it is an expander that root ports can stand on.
bool is_express_expander(const GuestBus& bus);
bool is_root_port(const GuestBus& bus);

/// All of them, as a tree. It says what the definition said when the tree was made.
class GuestBuses {
 public:
  explicit GuestBuses(pugi::xml_node domain);

  /// In the order of the definition.
  const std::vector<GuestBus>& all() const { return buses_; }
  /// The first bus of this index; nullptr: there is none. libvirt refuses a second one.
  const GuestBus* find(unsigned index) const;
  /// The expander that a bus is, or hangs from; nullptr: it hangs from the root, or from nothing.
  const GuestBus* expander_above(unsigned index) const;
  const GuestBus* expander_above(const GuestBus& bus) const;
  /// An index above all that the definition speaks of; nullopt: there is none.
  std::optional<unsigned> next_index() const;
  /// Whether one of them is of PCI Express.
  bool express() const;

 private:
  void find_expanders();

  std::vector<GuestBus> buses_;
  std::map<unsigned, std::size_t> positions_;                 // By index.
  std::map<unsigned, std::optional<std::size_t>> expanders_;  // Above each index; none: the root.
  unsigned highest_ = 0;                                      // Of all indices that the definition speaks of.
};

/// Whether the machine is q35, whose firmware knows expanders.
bool is_q35(pugi::xml_node domain);
/// Whether the machine has PCI Express.
bool is_express(pugi::xml_node domain);

/// The bus that a device is plugged into; nullopt: the definition does not say so, or it is none of PCI, as
/// that of a disk.
std::optional<unsigned> bus_above(pugi::xml_node device);
/// Where a device stands in the guest, when the definition says so. @throws Error as pci_address_of().
std::optional<PciAddress> guest_address(pugi::xml_node device);
/// The device that stands there; an empty node where there is none.
pugi::xml_node device_at(pugi::xml_node devices, PciAddress guest);

}  // namespace gpupass
