// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "gpupass/capture.hpp"
#include "gpupass/probe.hpp"
#include "support/host_difference.hpp"
#include "support/memory_system.hpp"

/// Whatever a file holds, a probe returns; and what it did not understand stands in the limits.
namespace gpupass::refusal_test {
namespace {

const std::string kGpu = "/sys/bus/pci/devices/0000:02:00.0/";

/// machine_with_gpu() with every attribute that a probe reads.
MemorySystem machine_with_everything() {
  auto machine = machine_with_gpu();
  const std::string no_row = "0x0000000000000000 0x0000000000000000 0x0000000000000000\n";
  std::string config(256, '\0');
  config[6] = 0x10;
  config[0x34] = 0x40;
  config[0x40] = 0x10;
  machine.file(kGpu + "subsystem_vendor", "0x10de\n")
      .file(kGpu + "subsystem_device", "0x16c1\n")
      .file(kGpu + "revision", "0xa1\n")
      .file(kGpu + "resource", "0x1000 0x1fff 0x200\n" + no_row + no_row + no_row + no_row + no_row + no_row)
      .file(kGpu + "reset_method", "flr bus\n")
      .file(kGpu + "power_state", "D0\n")
      .file(kGpu + "sriov_totalvfs", "16\n")
      .file(kGpu + "sriov_numvfs", "0\n")
      .file(kGpu + "config", config)
      .file("/proc/driver/nvidia/gpus/0000:02:00.0/information",
            "GPU UUID: GPU-01234567-89ab-cdef-0123-456789abcdef\n")
      .file("/sys/kernel/iommu_groups/7/type", "DMA\n")
      .file("/sys/kernel/iommu_groups/7/reserved_regions", "0x00000000fee00000 0x00000000feefffff msi\n")
      .file("/sys/kernel/iommu_groups/0/type", "DMA\n")
      .file("/sys/kernel/iommu_groups/0/reserved_regions", "\n")
      .folder("/sys/class/iommu")
      .file("/proc/cmdline", "iommu=pt\n")
      .file("/proc/interrupts", " 24: 1 IR-PCI-MSI 65536-edge eth0\n")
      .file("/proc/sys/kernel/arch", "x86_64\n")
      .file("/sys/devices/system/cpu/modalias", "cpu:type:x86,ven0002fam0019mod0011:feature:,0000\n")
      .file("/sys/class/kfd/kfd/topology/nodes/0/properties", "simd_count 416\nlocation_id 512\ndomain 0\n")
      .file("/sys/class/kfd/kfd/topology/nodes/0/io_links/0/properties", "type 2\nnode_to 1\n")
      .file("/sys/devices/system/cpu/present", "0-7\n")
      .file("/sys/devices/system/cpu/online", "0-6\n")
      .file("/sys/devices/system/cpu/isolated", "5\n")
      .file("/run/gpupass/home/0000:02:00.0",
            R"({"format":1,"driver":"nvidia","driver_override":"","vendor":"10de","device":"2330"})");
  return machine;
}

const std::map<std::string, std::string> kGarbage = {
    {"nothing", ""},
    {"a newline", "\n"},
    {"garbage", "zz \x1b[31m%"},
    {"a megabyte", std::string(1 << 20, 'A')},
    {"bytes", std::string("\x00\xff\x80\n\x00\x01", 6)},
    {"a negative number", "-5\n"},
};

/// What may be empty, and what is read for the words in it alone.
bool means_something(const std::string& path, const std::string& garbage) {
  const bool empty = garbage == "nothing" || garbage == "a newline";
  const std::string name = path.substr(path.rfind('/') + 1);
  if (name == "cmdline") return true;  // Any text is a command line.
  if (name == "driver_override" && garbage == "a negative number") return true;  // A driver may be called so.
  // A node without CPUs; no CPU, or none isolated; no override; all reset methods disabled; no reserved
  // region.
  const std::set<std::string> may_be_empty = {
      "cpulist", "present", "online", "isolated", "driver_override", "reset_method", "reserved_regions"};
  return empty && may_be_empty.contains(name);
}

std::vector<Limit> new_limits(const Host& host, const Host& before) {
  std::vector<Limit> limits = host.limits;
  std::erase_if(limits, [&](const Limit& limit) {
    return std::ranges::find(before.limits, limit) != before.limits.end();
  });
  return limits;
}

TEST(ProbeRefusal, NeverTakesMalformedFilesForFacts) {
  const MemorySystem healthy = machine_with_everything();
  const ProbeOptions options{Parts::everything(), {}};
  const Host before = probe(healthy, options);
  for (const std::string& path : healthy.files()) {
    for (const auto& [name, content] : kGarbage) {
      auto machine = healthy;
      machine.file(path, content);
      ASSERT_TRUE(machine.read(path));
      const Host host = probe(machine, options);
      if (means_something(path, name)) continue;
      const auto limits = new_limits(host, before);
      EXPECT_FALSE(limits.empty()) << path << " holds " << name << ", and nobody tells";
      for (const Limit& limit : limits) EXPECT_LT(limit.what.size() + limit.why.size(), 400u) << path;
    }
  }
}

TEST(ProbeRefusal, ReadsEveryFileOfTheTest) {
  const MemorySystem machine = machine_with_everything();
  probe(machine, {Parts::everything(), {}});
  for (const std::string& path : machine.files()) EXPECT_TRUE(machine.asked().contains(path)) << path;
}

TEST(ProbeRefusal, SaysWhyWhatCannotBeOpenedIsUnknown) {
  const MemorySystem healthy = machine_with_everything();
  const ProbeOptions options{Parts::everything(), {}};
  const Host before = probe(healthy, options);
  for (const std::string& path : healthy.files()) {
    auto machine = healthy;
    machine.denied(path);
    EXPECT_FALSE(new_limits(probe(machine, options), before).empty()) << path;
  }
}

TEST(ProbeRefusal, NeverLosesTheLawOfCapture) {
  const MemorySystem healthy = machine_with_everything();
  auto garbage = kGarbage;
  garbage["a megabyte"].resize(1000);  // It is written and read many times.
  garbage["an identifier"] = "4c4c4544-0052-3010-8051-b4c04f4e3333\n";
  for (const std::string& path : healthy.files()) {
    for (const auto& [name, content] : garbage) {
      auto machine = healthy;
      machine.file(path, content);
      const Capture captured = capture(machine);
      const Host replayed = probe(*open_capture(captured.text, "x.host"), {Parts::everything(), {}});
      const Host expected = scrub(probe(machine, {Parts::everything(), {}}), captured.pseudonyms);
      EXPECT_EQ(difference(replayed, expected), "") << path << " holds " << name;
    }
  }
}

}  // namespace
}  // namespace gpupass::refusal_test
