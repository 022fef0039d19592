// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/functions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "probe/own/models.hpp"
#include "probe/pci/attributes.hpp"
#include "probe/pci/driver_identity.hpp"
#include "probe/pci/iommu_groups.hpp"
#include "probe/pci/mig.hpp"
#include "probe/pci/persistence.hpp"
#include "probe/pci/slicing.hpp"
#include "probe/pci/vfio_variants.hpp"
#include "values/card.hpp"
#include "values/own_switch.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

namespace {

/// One reading of the PCI part of a machine. The sets say what is near a GPU, and so worth the reading.
class PciReader {
 public:
  PciReader(const System& system, const ProbeOptions& options, Limits& limits, Host& host)
      : system_(system),
        options_(options),
        parts_(options.parts),
        limits_(limits),
        groups_(system, limits),
        variants_(system),
        models_(system, limits),
        host_(host) {}

  void read() {
    list_functions();
    choose_gpus();
    find_own_switches();
    read_identities();
    read_groups();
    read_paths();
    read_extras();
  }

 private:
  void list_functions();
  void choose_gpus();
  void find_own_switches();
  void find_own_switch(PciAddress gpu);
  void know_ids(PciFunction& function);
  void read_identities();
  void read_place(PciFunction& function);
  void place_bridges(const PciPlace& place);
  void read_groups();
  void read_paths();
  void read_extras();

  bool matters_for_isolation(PciAddress address) const;
  bool moves_with_gpus(const PciFunction& function) const;
  bool is_wedged(PciAddress address) const {
    return host_.wedged && std::ranges::binary_search(*host_.wedged, address);
  }
  bool shares_slot(const std::set<PciAddress>& addresses, PciAddress address) const;
  PciFunction* find(PciAddress address);
  Folder folder_of(const PciFunction& function) const {
    const std::string address = function.address.to_string();
    return Folder(system_, limits_, sysfs_folder(function.address), address);
  }

  const System& system_;
  const ProbeOptions& options_;
  const Parts& parts_;
  Limits& limits_;
  IommuGroups groups_;
  VfioVariants variants_;
  Models models_;
  Host& host_;
  std::set<PciAddress> gpus_;     // And what the user named.
  std::set<PciAddress> cards_;    // All functions of their cards.
  std::set<PciAddress> members_;  // Of their IOMMU groups.
  std::set<PciAddress> bridges_;  // Above them.
  std::set<PciAddress> ports_;    // Of cards' own switches: each tells whether it leads to a slot.
  std::set<PciAddress> slots_;    // Cards' own switches: their link is that of the slot.
};

void PciReader::list_functions() {
  const auto names = system_.list(kSysfsDevices);
  if (!names)
    limits_.add("PCI functions",
                fmt::format("{}: {}", kSysfsDevices, reason_of(names, std::string(kSysfsDevices))));
  for (const std::string& name : names.value_or({})) {
    const auto address = PciAddress::parse(name);
    if (!address || address->to_string() != name) {
      limits_.add("PCI functions",
                  fmt::format("{}: saw {}, expected a PCI address", kSysfsDevices, shown(name)));
      continue;
    }
    PciFunction function;
    function.address = *address;
    function.class_code = folder_of(function).expect("class", kClassCode);
    host_.functions.push_back(std::move(function));
  }
  std::ranges::sort(host_.functions, {}, &PciFunction::address);
}

void PciReader::choose_gpus() {
  for (const PciFunction& function : host_.functions) {
    const bool named = std::ranges::find(options_.named, function.address) != options_.named.end();
    if (named || (function.class_code && is_gpu_class(*function.class_code))) gpus_.insert(function.address);
  }
  for (const PciFunction& function : host_.functions)
    if (shares_slot(gpus_, function.address)) cards_.insert(function.address);
}

/// Some cards have a switch of their own, with more of the card at another bus.
void PciReader::find_own_switches() {
  for (const PciAddress gpu : gpus_)
    if (is_gpu(*find(gpu))) find_own_switch(gpu);
}

void PciReader::find_own_switch(PciAddress gpu) {
  PciFunction& function = *find(gpu);
  read_place(function);
  const auto above = path_to_root(host_, function);
  if (above.size() < 3) return;  // A port of the switch, its upstream port, and the port that it hangs from.
  const PciAddress top = above[1]->address;
  for (const PciAddress address : {gpu, above[0]->address, top}) know_ids(*find(address));
  if (!function.vendor || find(top)->vendor != function.vendor) return;
  for (PciFunction& other : host_.functions) {
    if (!other.parent.asked()) read_place(other);
    const PciFunction* port = other.parent ? find(*other.parent) : nullptr;
    if (!port || !port->parent || *port->parent != top) continue;
    know_ids(other);
    know_ids(*find(port->address));
  }
  for (const PciAddress mate : card_of(host_, function)) {
    cards_.insert(mate);
    if (!mate.same_slot(gpu)) ports_.insert({above[0]->address, *find(mate)->parent});
  }
  if (own_switch(host_, function)) slots_.insert(top);
}

void PciReader::know_ids(PciFunction& function) {
  if (!function.vendor.asked()) read_ids(folder_of(function), function);
}

void PciReader::read_identities() {
  // A companion's place and node matter to whoever binds it or looks closer, not to a list.
  const bool closer = parts_.details || parts_.overrides || parts_.config;
  for (PciFunction& function : host_.functions) {
    const Folder folder = folder_of(function);
    const bool card = cards_.contains(function.address);
    const bool identity = gpus_.contains(function.address) || parts_.all_functions || (card && closer);
    if (card) know_ids(function);  // Of whose making it is tells whether it is of the card.
    // A bridge of the class "other" may be an NVSwitch, without which the GPUs of its machine do not work.
    // The first host bridge tells which chip set it is.
    if (!identity && parts_.iommu && function.address == PciAddress()) know_ids(function);
    if (!identity && closer && function.class_code.value_or(0) >> 8 == 0x0680) know_ids(function);
    if (identity) {
      know_ids(function);
      read_numa_node(folder, function);
    }
    // What can reach a GPU past a port is whatever hangs beside it: anything.
    const bool placed = gpus_.contains(function.address) && function.parent.asked();  // With its switch.
    if ((identity || parts_.config) && !placed) read_place(function);
    if (card || parts_.all_functions) {
      read_driver(folder, function);
      groups_.read_group_of(folder, function);
    }
  }
}

/// The entry in /sys/bus/pci/devices is a link to the function's folder, below those of the bridges above.
void PciReader::read_place(PciFunction& function) {
  const std::string address = function.address.to_string();
  const std::string path = sysfs_folder(function.address);
  const Fact<std::string> target = system_.link(path);
  if (target) {
    if (const auto place = parse_place(*target); place && place->address == function.address) {
      set_place(*place, function);
      place_bridges(*place);
      return;
    }
  }
  const std::string why = target ? fmt::format("saw a link to {}, expected one to its folder", shown(*target))
                                 : reason_of(target, path);
  limits_.add("place", address, why);
  set_place(Unknown{fmt::format("{}: {}", path, why)}, function);
}

/// The path of a function tells where each bridge on it hangs.
void PciReader::place_bridges(const PciPlace& place) {
  PciPlace above = place;
  while (!above.bridges.empty()) {
    above.address = above.bridges.back();
    above.bridges.pop_back();
    PciFunction* bridge = find(above.address);
    if (!bridge)
      limits_.add("bridge", above.address.to_string(), "is on a path, but does not exist");
    else if (!bridge->parent.asked())
      set_place(above, *bridge);
  }
}

void PciReader::read_groups() {
  if (parts_.groups) groups_.read_all();
  if (parts_.groups || parts_.details) groups_.read_details();
  host_.groups = groups_.groups();
  if (!host_.groups) return;
  for (const IommuGroup& group : *host_.groups) {
    for (const PciAddress address : group.members) {
      PciFunction* member = find(address);
      if (!member) {
        limits_.add("member of an IOMMU group", address.to_string(),
                    fmt::format("is not in {}", kSysfsDevices));
        continue;
      }
      members_.insert(address);
      if (!member->driver.asked()) read_driver(folder_of(*member), *member);
      if (!member->iommu_group.asked()) member->iommu_group = group.id;
    }
  }
}

void PciReader::read_paths() {
  for (const PciAddress address : gpus_) {
    const PciFunction& gpu = *find(address);
    bool node_known = gpu.numa_node.known();
    for (const PciFunction* above : path_to_root(host_, gpu)) {
      bridges_.insert(above->address);
      PciFunction& bridge = *find(above->address);
      if (!node_known && !bridge.numa_node.asked()) read_numa_node(folder_of(bridge), bridge);
      node_known |= bridge.numa_node.known();
    }
  }
}

void PciReader::read_extras() {
  const bool whole_path = parts_.details || parts_.all_functions;  // A list shows the link of the slot alone.
  for (PciFunction& function : host_.functions) {
    const Folder folder = folder_of(function);
    const bool gpu = gpus_.contains(function.address);
    if (gpu) read_abilities(folder, is_wedged(function.address), function);
    if (gpu && parts_.slices) read_slicing(folder, is_wedged(function.address), function);
    if (parts_.overrides && moves_with_gpus(function))
      read_override(folder, is_wedged(function.address), function);
    if (cards_.contains(function.address)) {
      if (parts_.details) read_details(folder, function);
      if (parts_.details) read_identity_by_driver(system_, limits_, folder, function);
      if (parts_.details) function.vfio_driver = variants_.driver_for(function);
    }
    if (ports_.contains(function.address) || (parts_.config && matters_for_isolation(function.address)))
      read_config(folder, function);
    const bool linked =
        gpu || slots_.contains(function.address) || (whole_path && bridges_.contains(function.address));
    if (parts_.all_links || (parts_.links && linked)) read_link(folder, function);
    if (parts_.health && (gpu || bridges_.contains(function.address))) read_errors(folder, function);
    if (parts_.health && gpu) function.known_model = models_.known_of(function);
  }
  if (parts_.links) doubt_absent_links(system_, host_.functions, limits_);
  explain_absent_resets(system_, host_.functions, limits_);
  // NVIDIA's library begins with every GPU of the machine, which takes a second.
  if (parts_.users && parts_.details) read_persistence(system_, limits_, gpus_, host_.functions);
  if (parts_.mig) read_mig(system_, limits_, gpus_, host_.functions);
}

/// Whether it is in the group or on the card of a GPU, and not a bridge.
bool PciReader::moves_with_gpus(const PciFunction& function) const {
  if (function.class_code && is_bridge_class(*function.class_code)) return false;
  return cards_.contains(function.address) || members_.contains(function.address);
}

bool PciReader::matters_for_isolation(PciAddress address) const {
  // Where a port has several functions, missing ACS in one of them opens all.
  return parts_.all_functions || cards_.contains(address) || members_.contains(address) ||
         shares_slot(bridges_, address);
}

bool PciReader::shares_slot(const std::set<PciAddress>& addresses, PciAddress address) const {
  address.function = 0;
  const auto first = addresses.lower_bound(address);
  return first != addresses.end() && first->same_slot(address);
}

PciFunction* PciReader::find(PciAddress address) {
  const auto place = std::ranges::lower_bound(host_.functions, address, {}, &PciFunction::address);
  return place != host_.functions.end() && place->address == address ? &*place : nullptr;
}

}  // namespace

void read_pci(const System& system, const ProbeOptions& options, Limits& limits, Host& host) {
  PciReader(system, options, limits, host).read();
}

}  // namespace gpupass
