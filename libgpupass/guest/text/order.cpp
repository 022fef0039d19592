// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/text/order.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace gpupass {

namespace {

using Order = std::vector<std::string_view>;

/// The order in which libvirt writes what is below an element. Its schema takes any order; people do not.
const Order& order_below(std::string_view parent) {
  static const Order domain = {
      "name",      "uuid",           "genid",     "title",    "description",   "metadata",       "maxMemory",
      "memory",    "currentMemory",  "blkiotune", "memtune",  "memoryBacking", "vcpu",           "vcpus",
      "iothreads", "iothreadids",    "cputune",   "numatune", "resource",      "sysinfo",        "bootloader",
      "os",        "idmap",          "features",  "cpu",      "clock",         "on_poweroff",    "on_reboot",
      "on_crash",  "on_lockfailure", "pm",        "perf",     "keywrap",       "launchSecurity", "devices",
      "seclabel"};
  static const Order memory_backing = {"hugepages", "nosharepages", "locked", "source",
                                       "access",    "allocation",   "discard"};
  static const Order cputune = {"shares",         "global_period",   "global_quota",   "period",
                                "quota",          "emulator_period", "emulator_quota", "iothread_period",
                                "iothread_quota", "vcpupin",         "emulatorpin",    "iothreadpin",
                                "vcpusched"};
  static const Order cpu = {"model", "vendor", "topology", "cache", "maxphysaddr", "feature", "numa"};
  static const Order os = {"type", "firmware", "loader", "nvram", "kernel", "initrd", "cmdline", "boot"};
  static const Order devices = {
      "emulator", "disk",    "controller", "lease",       "filesystem", "interface", "smartcard",  "serial",
      "parallel", "console", "channel",    "input",       "tpm",        "graphics",  "sound",      "audio",
      "video",    "hostdev", "redirdev",   "redirfilter", "hub",        "watchdog",  "memballoon", "rng",
      "nvram",    "panic",   "shmem",      "memory",      "iommu",      "vsock"};
  static const Order features = {"acpi",    "apic",   "pae", "hap",        "viridian",
                                 "privnet", "hyperv", "kvm", "pvspinlock", "capabilities",
                                 "pmu",     "vmport", "gic", "smm",        "ioapic"};
  static const Order hyperv = {"relaxed", "vapic",  "spinlocks", "vpindex",   "runtime",
                               "synic",   "stimer", "reset",     "vendor_id", "frequencies"};
  static const Order hostdev = {"driver", "source", "teaming", "boot", "alias", "rom", "address"};
  static const Order none;
  if (parent == "domain") return domain;
  if (parent == "memoryBacking") return memory_backing;
  if (parent == "cputune") return cputune;
  if (parent == "cpu") return cpu;
  if (parent == "os") return os;
  if (parent == "devices") return devices;
  if (parent == "features") return features;
  if (parent == "hyperv") return hyperv;
  if (parent == "hostdev") return hostdev;
  return none;
}

}  // namespace

pugi::xml_node predecessor(pugi::xml_node parent, const char* name) {
  const Order& order = order_below(parent.name());
  const auto own = std::ranges::find(order, name);
  pugi::xml_node found;
  for (const pugi::xml_node child : parent.children()) {
    if (child.type() != pugi::node_element) continue;
    const auto place = std::ranges::find(order, child.name());
    // A name that is not in the order comes last; what stands behind it was put there by hand.
    if (own == order.end() || (place != order.end() && place <= own)) found = child;
  }
  return found;
}

}  // namespace gpupass
