// SPDX-License-Identifier: GPL-2.0-or-later
#include "request_options.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "gpupass/error.hpp"
#include "gpupass/units.hpp"
#include "number_option.hpp"

namespace gpupass {

namespace {

// libvirt refuses definitions above 32 MiB itself; what is larger than this is no definition.
constexpr std::size_t kMostBytes = 16U << 20;
constexpr unsigned kMostGpus = 256;
constexpr unsigned kMostVcpus = 4096;

auto text_value(const char* name) {
  return po::value<std::string>()->value_name(name);
}
auto repeated_value(const char* name) {
  return po::value<std::vector<std::string>>()->value_name(name);
}

/// The choice that an option's value names; nullopt when it was not given.
template <typename Choice>
std::optional<Choice> choice_option(const Invocation& invocation, const std::string& option,
                                    std::initializer_list<std::pair<std::string_view, Choice>> choices) {
  if (!invocation.has(option)) return std::nullopt;
  const auto& text = invocation.options[option].as<std::string>();
  std::string expected;
  for (const auto& [name, choice] : choices) {
    if (name == text) return choice;
    expected += fmt::format("{}{}", expected.empty() ? "" : ", ", name);
  }
  refuse_value(invocation, option, "one of " + expected);
}

std::optional<std::uint64_t> memory_option(const Invocation& invocation) {
  if (!invocation.has("memory")) return std::nullopt;
  const auto bytes = parse_size(invocation.options["memory"].as<std::string>());
  if (!bytes || *bytes == 0) refuse_value(invocation, "memory", "a size such as 16G or 512M");
  return bytes;
}

CpuSet cpus_option(const Invocation& invocation, const std::string& option) {
  if (!invocation.has(option)) return {};
  const auto cpus = CpuSet::parse(invocation.options[option].as<std::string>());
  if (!cpus) refuse_value(invocation, option, "CPUs such as 0-3,8");
  return *cpus;
}

std::string read_all(std::istream& stream, const std::string& name) {
  std::string text;
  char block[65536];
  while (stream.read(block, sizeof block) || stream.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > kMostBytes)
      throw Error(ErrorCode::Malformed, name,
                  fmt::format("cannot read {}: saw more than 16 MiB, expected XML", name));
  }
  if (stream.bad())
    throw Error(ErrorCode::System, name, fmt::format("cannot read {}: {}", name, std::strerror(errno)));
  return text;
}

}  // namespace

void describe_request_options(po::options_description& options) {
  auto add = options.add_options();
  add("gpus", text_value("N"), "how many GPUs, of gpupass's choice (1)");
  add("gpu", repeated_value("GPU"), "this GPU; may be repeated");
  add("vcpus", text_value("N"), "virtual CPUs (4)");
  add("memory", text_value("SIZE"), "memory, as 16G (8G)");
  add("numa", text_value("POLICY"), "required: fewest nodes; socket: one package; preferred: best effort");
  add("hugepages", text_value("SIZE"), "auto (where they suffice), off, 2M or 1G");
  add("virt-type", text_value("TYPE"), "kvm, or qemu for emulation (kvm)");
  add("firmware", text_value("KIND"), "uefi or bios (uefi)");
  add("disk", repeated_value("FILE"), "disk image, raw or .qcow2; may be repeated");
  add("network", repeated_value("NAME"), "libvirt network; may be repeated");
  add("reserve-cpus", text_value("SET"), "CPUs kept for the host, as 0-3");
}

void describe_definition_options(po::options_description& options) {
  describe_request_options(options);
  options.add_options()("base", text_value("FILE"), "patch this definition, keep the rest of it; - is stdin");
}

Request request_of(const Invocation& invocation) {
  Request request;
  if (invocation.has("gpus") && invocation.has("gpu"))
    throw Error(ErrorCode::Usage, "--gpus", "cannot use --gpus beside --gpu: saw both, expected one of them",
                "name every GPU with --gpu, or leave the choice to gpupass with --gpus");
  request.gpus = invocation.all("gpu");
  request.gpu_count = number_option(invocation, "gpus", 0, kMostGpus).value_or(request.gpu_count);
  request.vcpus = number_option(invocation, "vcpus", 1, kMostVcpus);
  request.memory_bytes = memory_option(invocation);
  request.numa = choice_option<NumaPolicy>(invocation, "numa",
                                           {{"required", NumaPolicy::Required},
                                            {"socket", NumaPolicy::Socket},
                                            {"preferred", NumaPolicy::Preferred}})
                     .value_or(request.numa);
  using Pages = std::optional<std::uint64_t>;
  request.page_size_bytes = choice_option<Pages>(invocation, "hugepages",
                                                 {{"auto", std::nullopt},
                                                  {"off", 0},
                                                  {"2M", std::uint64_t{2} << 20},
                                                  {"1G", std::uint64_t{1} << 30}})
                                .value_or(std::nullopt);
  request.virt_type =
      choice_option<VirtType>(invocation, "virt-type", {{"kvm", VirtType::Kvm}, {"qemu", VirtType::Qemu}})
          .value_or(request.virt_type);
  request.firmware =
      choice_option<Firmware>(invocation, "firmware", {{"uefi", Firmware::Uefi}, {"bios", Firmware::Bios}});
  request.disks = invocation.all("disk");
  request.networks = invocation.all("network");
  request.reserved_cpus = cpus_option(invocation, "reserve-cpus");
  return request;
}

std::string base_of(const Invocation& invocation) {
  if (!invocation.has("base")) return {};
  const auto& name = invocation.options["base"].as<std::string>();
  const std::string text = [&] {
    if (name == "-") return read_all(std::cin, "standard input");
    std::ifstream file(name, std::ios::binary);
    if (!file)
      throw Error(ErrorCode::NotFound, name, fmt::format("cannot read {}: {}", name, std::strerror(errno)));
    return read_all(file, name);
  }();
  if (text.empty())
    throw Error(ErrorCode::Malformed, name, fmt::format("cannot read {}: saw nothing, expected XML", name));
  return text;
}

}  // namespace gpupass
