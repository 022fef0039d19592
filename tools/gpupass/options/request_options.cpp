// SPDX-License-Identifier: GPL-2.0-or-later
#include "options/request_options.hpp"

#include <fmt/format.h>

#include "gpupass/device.hpp"
#include "gpupass/units.hpp"
#include "options/bind_options.hpp"
#include "options/cell_option.hpp"
#include "options/choice_option.hpp"
#include "options/number_option.hpp"
#include "options/path_option.hpp"

namespace gpupass {

namespace {

auto text_value(const char* name) {
  return po::value<std::string>()->value_name(name);
}
auto repeated_value(const char* name) {
  return po::value<std::vector<std::string>>()->value_name(name);
}

std::vector<std::string> devices_option(const Invocation& invocation) {
  std::vector<std::string> devices;
  for (const std::string& device : invocation.all("device")) {
    const auto address = PciAddress::parse(device);
    if (!address) refuse_value(invocation, "device", device, "an address such as 0000:66:00.0");
    devices.push_back(address->to_string());
  }
  for (const std::string& slice : invocation.all("slice")) {
    const auto device = DeviceId::parse(slice);
    if (!device) refuse_value(invocation, "slice", slice, "a UUID, or an address such as 0000:65:00.4");
    devices.push_back(device->to_string());
  }
  return devices;
}

std::vector<std::string> disks_option(const Invocation& invocation) {
  std::vector<std::string> disks;
  for (const std::string& disk : invocation.all("disk")) {
    if (disk.empty()) refuse_value(invocation, "disk", disk, "a file");
    disks.push_back(from_root(disk));
  }
  return disks;
}

CpuSet cpus_option(const Invocation& invocation, const std::string& option) {
  if (!invocation.has(option)) return {};
  const auto cpus = CpuSet::parse(invocation.options[option].as<std::string>());
  if (!cpus) refuse_value(invocation, option, "CPUs such as 0-3,8");
  return *cpus;
}

}  // namespace

void describe_request_options(po::options_description& options) {
  auto add = options.add_options();
  add("gpus", text_value("N"), "how many GPUs, chosen by gpupass (1)");
  add("gpu", repeated_value("GPU"), "this GPU; may be repeated");
  add("device", repeated_value("ADDRESS"), "a NIC or NVMe disk to give as well; may be repeated");
  add("slice", repeated_value("SLICE"), "a mediated device or a virtual function of a GPU; may be repeated");
  add("vcpus", text_value("N"), "virtual CPUs (4 for each GPU)");
  add("memory", text_value("SIZE"), "memory, as 16G (8G for each GPU)");
  add("cell", repeated_value("NODE:VCPUS:SIZE"), "this part of the guest on this NUMA node; may be repeated");
  add("numa", text_value("POLICY"), "required: fewest nodes; socket: one package; preferred: best effort");
  add("hugepages", text_value("PAGES"), "auto (if there are enough), off, 2M or 1G");
  add("virt-type", text_value("TYPE"), "kvm, or qemu for emulation (kvm)");
  add("firmware", text_value("KIND"), "uefi or bios (uefi)");
  add("disk", repeated_value("FILE"), "disk image, raw or .qcow2; may be repeated");
  add("network", repeated_value("NETWORK"), "libvirt network; may be repeated");
  add("reserve-cpus", text_value("SET"), "CPUs kept for the host, as 0-3");
}

std::optional<std::uint64_t> memory_option(const Invocation& invocation) {
  if (!invocation.has("memory")) return std::nullopt;
  const auto bytes = parse_size(invocation.options["memory"].as<std::string>());
  if (!bytes || *bytes == 0) refuse_value(invocation, "memory", "a size such as 16G (16 GiB) or 512M");
  return bytes;
}

Request request_of(const Invocation& invocation) {
  Request request;
  if (invocation.has("gpus") && invocation.has("gpu"))
    refuse_beside("gpus", "gpu", "saw both, expected one of them",
                  "name every GPU with --gpu, or leave the choice to gpupass with --gpus");
  request.gpus = invocation.all("gpu");
  request.gpu_count = number_option(invocation, "gpus", 0, kMostGpus);
  request.devices = devices_option(invocation);
  request.vcpus = number_option(invocation, "vcpus", 1, kMostVcpus);
  request.memory_bytes = memory_option(invocation);
  split_as_asked(invocation, request);
  request.numa =
      named_option(invocation, "numa", {NumaPolicy::Required, NumaPolicy::Socket, NumaPolicy::Preferred});
  using Pages = std::optional<std::uint64_t>;
  request.page_size_bytes = choice_option<Pages>(invocation, "hugepages",
                                                 {{"auto", std::nullopt},
                                                  {"off", 0},
                                                  {"2M", std::uint64_t{2} << 20},
                                                  {"1G", std::uint64_t{1} << 30}})
                                .value_or(std::nullopt);
  request.virt_type = named_option(invocation, "virt-type", {VirtType::Kvm, VirtType::Qemu});
  request.firmware = named_option(invocation, "firmware", {Firmware::Uefi, Firmware::Bios});
  request.disks = disks_option(invocation);
  request.networks = invocation.all("network");
  request.reserved_cpus = cpus_option(invocation, "reserve-cpus");
  request.force = forced_devices(invocation);
  return request;
}

std::vector<std::string> names_in(const Request& request) {
  std::vector<std::string> names = request.gpus;
  for (const std::string& device : request.devices)  // Mediated devices are found with their parents.
    if (PciAddress::parse(device)) names.push_back(device);
  return names;
}

}  // namespace gpupass
