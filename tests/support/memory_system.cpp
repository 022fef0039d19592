// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/memory_system.hpp"

#include "system/files/errno_text.hpp"

namespace gpupass {

MemorySystem& MemorySystem::file(const std::string& path, const std::string& content) {
  content_.files[path] = content;
  return *this;
}

MemorySystem& MemorySystem::symlink(const std::string& path, const std::string& target) {
  content_.links[path] = target;
  return *this;
}

MemorySystem& MemorySystem::denied(const std::string& path, const std::string& reason) {
  content_.denied[path] = reason;
  return *this;
}

MemorySystem& MemorySystem::folder(const std::string& path) {
  content_.folders.insert(path);
  return *this;
}

MemorySystem& MemorySystem::topology(Fact<CpuTopology> cpus) {
  content_.cpus = std::move(cpus);
  return *this;
}

MemorySystem& MemorySystem::guests(Fact<std::vector<DomainXml>> guests) {
  content_.guests = std::move(guests);
  return *this;
}

std::vector<std::string> MemorySystem::files() const {
  std::vector<std::string> paths;
  for (const auto& [path, content] : content_.files) paths.push_back(path);
  return paths;
}

Fact<std::string> MemorySystem::at(const std::map<std::string, std::string>& kind,
                                   std::string_view path) const {
  const std::string key(path);
  asked_.insert(key);
  if (const auto found = content_.denied.find(key); found != content_.denied.end())
    return unknown_path(path, found->second);
  if (const auto found = kind.find(key); found != kind.end()) return found->second;
  return Absent{};
}

Fact<std::string> MemorySystem::read(std::string_view path) const {
  Fact<std::string> content = at(content_.files, path);
  if (content && content->ends_with('\n')) content->pop_back();
  return content;
}

Fact<std::string> MemorySystem::read_guarded(std::string_view path) const {
  return read(path);
}

void MemorySystem::answer(AnyExchange& exchange) const {
  ReadOnlySystem::answer(exchange);
  if (auto* cpus = std::get_if<Exchange<CpuTopologyQuestion>>(&exchange)) cpus->answer = content_.cpus;
  if (auto* domains = std::get_if<Exchange<DomainsQuestion>>(&exchange)) domains->answer = content_.guests;
}

Fact<std::string> MemorySystem::link(std::string_view path) const {
  return at(content_.links, path);
}

Fact<std::vector<std::string>> MemorySystem::list(std::string_view path) const {
  if (const auto refused = at({}, path); refused.unknown())
    return refused.without_value<std::vector<std::string>>();
  const std::string start = std::string(path) + '/';
  std::set<std::string> names;
  const auto add = [&](const std::string& entry) {
    if (entry.starts_with(start))
      names.insert(entry.substr(start.size(), entry.find('/', start.size()) - start.size()));
  };
  for (const auto& [entry, content] : content_.files) add(entry);
  for (const auto& [entry, target] : content_.links) add(entry);
  for (const auto& [entry, reason] : content_.denied) add(entry);
  for (const std::string& entry : content_.folders) add(entry);
  if (names.empty() && !content_.folders.contains(std::string(path))) return Absent{};
  return std::vector<std::string>(names.begin(), names.end());
}

namespace {

void add_function(MemorySystem& machine, const std::string& address, const std::string& below,
                  const char* class_code, const char* vendor, const char* device, const char* driver,
                  const char* group, const char* node) {
  const std::string folder = "/sys/bus/pci/devices/" + address;
  machine.symlink(folder, "../../../devices/pci0000:00/" + below + address)
      .symlink(folder + "/driver", std::string("../../../bus/pci/drivers/") + driver)
      .symlink(folder + "/iommu_group", std::string("../../../kernel/iommu_groups/") + group)
      .symlink(std::string("/sys/kernel/iommu_groups/") + group + "/devices/" + address,
               "../../../../devices/" + address)
      .file(folder + "/class", std::string(class_code) + "\n")
      .file(folder + "/vendor", std::string(vendor) + "\n")
      .file(folder + "/device", std::string(device) + "\n")
      .file(folder + "/numa_node", std::string(node) + "\n");
}

void add_node(MemorySystem& machine, const std::string& id, const char* cpus, const char* distances) {
  const std::string folder = "/sys/devices/system/node/node" + id;
  machine.file(folder + "/cpulist", std::string(cpus) + "\n")
      .file(folder + "/distance", std::string(distances) + "\n")
      .file(folder + "/meminfo",
            "Node " + id + " MemTotal:  1048576 kB\nNode " + id + " MemFree:  524288 kB\n")
      .file(folder + "/hugepages/hugepages-2048kB/nr_hugepages", "128\n")
      .file(folder + "/hugepages/hugepages-2048kB/free_hugepages", "64\n");
}

}  // namespace

MemorySystem machine_with_gpu() {
  MemorySystem machine;
  add_function(machine, "0000:00:01.0", "", "0x060400", "0x8086", "0x2030", "pcieport", "7", "1");
  add_function(machine, "0000:00:03.0", "", "0x020000", "0x8086", "0x1572", "i40e", "0", "-1");
  add_function(machine, "0000:02:00.0", "0000:00:01.0/", "0x030000", "0x10de", "0x2330", "nvidia", "7", "1");
  add_function(machine, "0000:02:00.1", "0000:00:01.0/", "0x040300", "0x10de", "0x22ba", "snd_hda_intel", "7",
               "1");
  const std::string gpu = "/sys/bus/pci/devices/0000:02:00.0/";
  machine.file(gpu + "boot_vga", "0\n")
      .file(gpu + "max_link_speed", "16.0 GT/s PCIe\n")
      .file(gpu + "max_link_width", "16\n")
      .file(gpu + "current_link_speed", "2.5 GT/s PCIe\n")
      .file(gpu + "current_link_width", "8\n")
      .file(gpu + "driver_override", "(null)\n");
  add_node(machine, "0", "0-3", "10 21");
  add_node(machine, "1", "4-7", "21 10");
  return machine;
}

}  // namespace gpupass
