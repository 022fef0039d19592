// SPDX-License-Identifier: LGPL-2.1-or-later
// The domains that accept.sh shows to libvirt.
//   domain_matrix write FOLDER             writes one for each of a matrix of requests
//   domain_matrix same FOLDER              patches each with itself, as libvirt wrote it: nothing may change
//   domain_matrix patch FOLDER BASE.xml... patches users' definitions into FOLDER, twice: the second changes
//                                          nothing
//   domain_matrix spread FOLDER BASE.xml...  the same, over two cells
//   domain_matrix arguments FOLDER         writes the one of which accept.sh reads QEMU's arguments
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gpupass/guest.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "support/two_cells.hpp"
#include "support/two_sockets.hpp"
#include "values/sizes.hpp"

using namespace gpupass;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// One domain of the matrix.
struct Case {
  Host host;
  Request request;
  Placement placement;
};

void add_devices(Request& request) {
  request.disks = {"/images/a&b <c>.qcow2", "/images/data.img", "/dev/vg/lv"};
  request.networks = {"default", "storage & backup", "default"};
}

/// What a guest that shall boot has beside its disks.
void make_bootable(Request& request) {
  add_devices(request);
  request.cdroms = {"/images/a&b.iso", "/images/drivers.iso"};
  request.seed = "/images/seed.iso";
  request.agent = request.display = true;
}

/// Both types, firmwares and GPUs, vCPUs that fill cores and that do not, and each page size.
void add_small(std::vector<Case>& all) {
  for (const VirtType type : {VirtType::Kvm, VirtType::Qemu})
    for (const Firmware firmware : {Firmware::Uefi, Firmware::Bios})
      for (const PciAddress gpu : {kGpu0, kGpu1})
        for (const unsigned vcpus : {1u, 4u, 7u, 14u})
          for (const std::uint64_t page : {std::uint64_t{0}, std::uint64_t{2} << 20, kGiB}) {
            Request request;
            request.gpus = {gpu.to_string()};
            request.vcpus = vcpus;
            request.memory_bytes = kGiB;
            request.page_size_bytes = page;
            request.virt_type = type;
            request.firmware = firmware;
            if (vcpus == 4) add_devices(request);
            const Host host = two_sockets();
            all.push_back({host, request, place(host, request)});
          }
}

/// A request for two cells and what of it is special.
using Speciality = void (*)(Case&);
const Speciality kSpecialities[] = {
    [](Case&) {},
    [](Case& c) { c.request.numa = NumaPolicy::Preferred; },
    [](Case& c) { c.request.numa = NumaPolicy::Socket; },
    [](Case& c) { add_devices(c.request); },
    [](Case& c) { c.request.rom_file = "/roms/a&b.rom"; },
    [](Case& c) { c.request.tpm = c.request.hide_hypervisor = true; },
    [](Case& c) { c.request.guest = GuestSystem::Windows; },
    [](Case& c) { make_bootable(c.request); },
    [](Case& c) {
      make_bootable(c.request);
      c.request.guest = GuestSystem::Windows;
      c.placement.devices = {kNvme, kNic, kNicPort1};
    },
    [](Case& c) { c.host.cpu_vendor = std::string("AuthenticAMD"); },
    // Huge pages of one size, of two, and for one cell alone.
    [](Case& c) { c.placement.cells[0].page_size_bytes = c.placement.cells[1].page_size_bytes = kGiB; },
    [](Case& c) {
      c.placement.cells[0].page_size_bytes = 2 << 20;
      c.placement.cells[1].page_size_bytes = kGiB;
    },
    [](Case& c) { c.placement.cells[1].page_size_bytes = kGiB; },
    [](Case& c) { c.placement.devices = {kNvme, kNic, kNicPort1}; },
    [](Case& c) { c.placement.gpus.push_back(kStray); },
    [](Case& c) { set_large_bar(c.host, kGpu1, 128 * kGiB); },
    [](Case& c) {
      for (unsigned node = 2; node < 8; ++node) {
        c.placement.cells.push_back(c.placement.cells[0]);
        c.placement.cells.back().node = node;
        c.placement.cells.back().cpus = {};
      }
      for (unsigned vcpu = 0; vcpu < 8; ++vcpu) {
        c.placement.vcpu_pins[vcpu].cpus = {vcpu};
        c.placement.cells[vcpu].cpus = {vcpu};
      }
      c.placement.threads_per_core = 1;
    },
    [](Case& c) {
      add_devices(c.request);
      c.request.rom_file = "/roms/a.rom";
      c.request.tpm = c.request.hide_hypervisor = true;
      c.request.guest = GuestSystem::Windows;
      c.placement.devices = {kNvme, kNic, kNicPort1};
      set_large_bar(c.host, kGpu0, 256 * kGiB);
    },
};

void add_wide(std::vector<Case>& all) {
  for (const VirtType type : {VirtType::Kvm, VirtType::Qemu})
    for (const Firmware firmware : {Firmware::Uefi, Firmware::Bios})
      for (const Speciality special : kSpecialities) {
        Request request;
        request.vcpus = 8;
        request.memory_bytes = 4 * kGiB;
        request.page_size_bytes = 0;
        request.virt_type = type;
        request.firmware = firmware;
        Case wide{two_sockets_with_companions(), request, two_cells(request)};
        special(wide);
        all.push_back(wide);
        wide.request.secure_boot = true;
        if (firmware == Firmware::Uefi) all.push_back(wide);
      }
}

std::vector<Case> matrix() {
  std::vector<Case> all;
  add_small(all);
  add_wide(all);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].request.name = fmt::format("guest{}", i);
  return all;
}

fs::path file_of(const fs::path& folder, const Request& request) {
  return folder / (request.name + ".xml");
}

int write_all(const fs::path& folder) {
  for (const Case& each : matrix())
    write(file_of(folder, each.request), render_domain(each.host, each.request, each.placement));
  return 0;
}

int all_the_same(const fs::path& folder) {
  int differences = 0;
  for (Case& each : matrix()) {
    each.request.virt_type = VirtType::Qemu;  // accept.sh turned the others into this one.
    const std::string base = read(file_of(folder, each.request));
    if (render_domain(each.host, each.request, each.placement, base) == base) continue;
    fmt::print(stderr, "{}: patching it with itself changes it\n", each.request.name);
    ++differences;
  }
  return differences;
}

Request request_from(const fs::path& base, const std::string& text) {
  Request request;
  request.name = base.stem().string();
  request.gpus = {kGpu0.to_string()};
  request.page_size_bytes = 0;
  request.virt_type = VirtType::Qemu;
  request = complete_request(request, text);
  request.vcpus = std::min(request.vcpus.value_or(1), 14u);
  return request;
}

int patch_twice(const fs::path& base, const fs::path& folder, bool wide) {
  const std::string text = read(base);
  Request request = request_from(base, text);
  Host host = two_sockets_with_companions();
  Placement placement;
  if (wide) {
    set_large_bar(host, kGpu0, 128 * kGiB);
    request.vcpus = 8;
    request.disks = {"/images/more.img"};
    placement = two_cells(request);
    placement.devices = {kNvme, kNic, kNicPort1};
  } else {
    placement = place(host, request);
  }
  const std::string once = render_domain(host, request, placement, text);
  write(folder / base.filename(), once);
  if (render_domain(host, request, placement, once) == once) return 0;
  fmt::print(stderr, "{}: patching it twice changes it again\n", base.string());
  return 1;
}

/// Both GPUs, companions and a disk over two cells, to be turned into QEMU's arguments.
int write_for_arguments(const fs::path& folder) {
  Request request;
  request.name = "arguments";
  request.vcpus = 8;
  request.memory_bytes = 4 * kGiB;
  request.page_size_bytes = 0;
  request.disks = {"/images/a.img"};
  Host host = two_sockets_with_companions();
  set_large_bar(host, kGpu1, 128 * kGiB);
  Placement placement = two_cells(request);
  placement.gpus.push_back(kStray);
  placement.devices = {kNvme, kNic, kNicPort1};
  write(file_of(folder, request), render_domain(host, request, placement));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 2) return 2;
  const fs::path folder = arguments[1];
  try {
    int failures = 0;
    if (arguments[0] == "write") failures += write_all(folder);
    if (arguments[0] == "same") failures += all_the_same(folder);
    if (arguments[0] == "arguments") failures += write_for_arguments(folder);
    for (const bool wide : {false, true})
      if (arguments[0] == (wide ? "spread" : "patch"))
        for (std::size_t i = 2; i < arguments.size(); ++i)
          failures += patch_twice(arguments[i], folder, wide);
    return failures == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
