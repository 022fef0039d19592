// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes a domain for each of a matrix of requests into a folder, for accept.sh to show to libvirt.
// `domain_matrix FOLDER [BASE.xml...]`: bases are patched twice, and the second time must change nothing.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "support/two_sockets.hpp"

using namespace gpupass;

namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Both GPUs, vCPU counts that fill cores and that do not, each page size, both firmwares and both types.
std::vector<Request> requests() {
  std::vector<Request> all;
  for (const VirtType type : {VirtType::Kvm, VirtType::Qemu})
    for (const Firmware firmware : {Firmware::Uefi, Firmware::Bios})
      for (const char* gpu : {"0000:41:00.0", "0000:c1:00.0"})
        for (const unsigned vcpus : {1u, 4u, 7u, 14u})
          for (const std::uint64_t page : {std::uint64_t{0}, std::uint64_t{2} << 20, kGiB}) {
            Request request;
            request.gpus = {gpu};
            request.vcpus = vcpus;
            request.memory_bytes = kGiB;
            request.page_size_bytes = page;
            request.virt_type = type;
            request.firmware = firmware;
            if (vcpus == 4) {
              request.disks = {"/var/lib/libvirt/images/a&b <c>.qcow2", "/var/lib/libvirt/images/data.img",
                               "/dev/vg/lv"};
              request.networks = {"default", "storage & backup", "default"};
            }
            request.name = fmt::format("guest-{}", all.size());
            all.push_back(request);
          }
  return all;
}

int patch_twice(const Host& host, const std::filesystem::path& base, const std::filesystem::path& folder) {
  const std::string text = read(base);
  Request request;
  request.name = base.stem().string();
  request.page_size_bytes = 0;
  request = complete_request(request, text);
  const Placement placement = place(host, request);
  const std::string once = render_domain(host, request, placement, text);
  write(folder / base.filename(), once);
  if (render_domain(host, request, placement, once) == once) return 0;
  fmt::print(stderr, "{}: patching twice changes it again\n", base.string());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: domain_matrix FOLDER [BASE.xml...]\n");
    return 2;
  }
  int failures = 0;
  try {
    const Host host = two_sockets();
    for (const Request& request : requests())
      write(std::filesystem::path(argv[1]) / (request.name + ".xml"),
            render_domain(host, request, place(host, request)));
    for (int i = 2; i < argc; ++i) failures += patch_twice(host, argv[i], argv[1]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return failures == 0 ? 0 : 1;
}
