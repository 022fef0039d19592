// SPDX-License-Identifier: LGPL-2.1-or-later
// The domains that accept.sh shows to libvirt.
//   domain_matrix write FOLDER             writes one for each of a matrix of requests
//   domain_matrix same FOLDER              patches each with itself, as libvirt wrote it: nothing may change
//   domain_matrix patch FOLDER BASE.xml... patches users' definitions into FOLDER, twice: the second changes
//   nothing
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "support/two_sockets.hpp"

using namespace gpupass;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void add_devices(Request& request) {
  request.disks = {"/images/a&b <c>.qcow2", "/images/data.img", "/dev/vg/lv"};
  request.networks = {"default", "storage & backup", "default"};
}

/// Both types, firmwares and GPUs, vCPUs that fill cores and that do not, and each page size.
std::vector<Request> requests() {
  std::vector<Request> all;
  for (const VirtType type : {VirtType::Kvm, VirtType::Qemu})
    for (const Firmware firmware : {Firmware::Uefi, Firmware::Bios})
      for (const PciAddress gpu : {kGpu0, kGpu1})
        for (const unsigned vcpus : {1u, 4u, 7u, 14u})
          for (const std::uint64_t page : {std::uint64_t{0}, std::uint64_t{2} << 20, kGiB}) {
            Request request;
            request.name = fmt::format("guest{}", all.size());
            request.gpus = {gpu.to_string()};
            request.vcpus = vcpus;
            request.memory_bytes = kGiB;
            request.page_size_bytes = page;
            request.virt_type = type;
            request.firmware = firmware;
            if (vcpus == 4) add_devices(request);
            all.push_back(request);
          }
  return all;
}

fs::path file_of(const fs::path& folder, const Request& request) {
  return folder / (request.name + ".xml");
}

int write_all(const Host& host, const fs::path& folder) {
  for (const Request& request : requests())
    write(file_of(folder, request), render_domain(host, request, place(host, request)));
  return 0;
}

int all_the_same(const Host& host, const fs::path& folder) {
  int differences = 0;
  for (Request request : requests()) {
    request.virt_type = VirtType::Qemu;  // accept.sh turned the others into this one.
    const std::string base = read(file_of(folder, request));
    if (render_domain(host, request, place(host, request), base) == base) continue;
    fmt::print(stderr, "{}: patching it with itself changes it\n", request.name);
    ++differences;
  }
  return differences;
}

int patch_twice(const Host& host, const fs::path& base, const fs::path& folder) {
  const std::string text = read(base);
  Request request;
  request.name = base.stem().string();
  request.gpus = {kGpu0.to_string()};
  request.page_size_bytes = 0;
  request.virt_type = VirtType::Qemu;
  request = complete_request(request, text);
  request.vcpus = std::min(request.vcpus.value_or(1), 14u);
  const Placement placement = place(host, request);
  const std::string once = render_domain(host, request, placement, text);
  write(folder / base.filename(), once);
  if (render_domain(host, request, placement, once) == once) return 0;
  fmt::print(stderr, "{}: patching it twice changes it again\n", base.string());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 2) return 2;
  const fs::path folder = arguments[1];
  try {
    const Host host = two_sockets();
    int failures = 0;
    if (arguments[0] == "write") failures += write_all(host, folder);
    if (arguments[0] == "same") failures += all_the_same(host, folder);
    if (arguments[0] == "patch")
      for (std::size_t i = 2; i < arguments.size(); ++i) failures += patch_twice(host, arguments[i], folder);
    return failures == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
