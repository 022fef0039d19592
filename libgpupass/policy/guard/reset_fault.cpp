// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/reset_fault.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "values/card.hpp"

namespace gpupass {

namespace {

constexpr std::uint16_t kAmd = 0x1002;

constexpr std::array<std::uint16_t, 32> kPolaris = {
    0x6980, 0x6981, 0x6985, 0x6986, 0x6987, 0x6995, 0x6997, 0x699f, 0x67c0, 0x67c1, 0x67c2,
    0x67c4, 0x67c7, 0x67c8, 0x67c9, 0x67ca, 0x67cc, 0x67cf, 0x67d0, 0x67d4, 0x67d7, 0x67df,
    0x6fdf, 0x67e0, 0x67e1, 0x67e3, 0x67e7, 0x67e8, 0x67e9, 0x67eb, 0x67ef, 0x67ff};
constexpr std::array<std::uint16_t, 15> kVega10 = {0x6860, 0x6861, 0x6862, 0x6863, 0x6864,
                                                   0x6867, 0x6868, 0x6869, 0x686a, 0x686b,
                                                   0x686c, 0x686d, 0x686e, 0x686f, 0x687f};
constexpr std::array<std::uint16_t, 7> kVega20 = {0x66a0, 0x66a1, 0x66a2, 0x66a3, 0x66a4, 0x66a7, 0x66af};
constexpr std::array<std::uint16_t, 8> kNavi10 = {0x7310, 0x7312, 0x7318, 0x7319,
                                                  0x731a, 0x731b, 0x731e, 0x731f};
constexpr std::array<std::uint16_t, 2> kNavi12 = {0x7360, 0x7362};
constexpr std::array<std::uint16_t, 4> kNavi14 = {0x7340, 0x7341, 0x7347, 0x734f};
constexpr std::array<std::uint16_t, 2> kInstinct = {0x74a1, 0x75a3};
// The graphics of AMD's processors from Raven to Strix Halo.
constexpr std::array<std::uint16_t, 19> kProcessors = {0x1114, 0x13c0, 0x1506, 0x150e, 0x1586, 0x15bf, 0x15c8,
                                                       0x15d8, 0x15dd, 0x15e7, 0x1636, 0x1638, 0x163f, 0x164c,
                                                       0x164d, 0x164e, 0x1681, 0x1900, 0x1901};
// All cards with the chips GB202 and GB203, of which some are reported.
constexpr std::array<std::uint16_t, 11> kBlackwell = {0x2b85, 0x2b87, 0x2b8c, 0x2bb1, 0x2bb2, 0x2bb3,
                                                      0x2bb4, 0x2bb5, 0x2bb9, 0x2c02, 0x2c05};

constexpr std::string_view kModule =
    "load the kernel module vendor-reset and write device_specific to its reset_method, or plan for a reboot "
    "of the host after each guest";
constexpr std::string_view kSwitchOff =
    "let the guest switch it off before it shuts down (RadeonResetBugFix in Windows), or plan for a reboot "
    "of "
    "the host after each guest";
constexpr std::string_view kReboot = "plan for a reboot of the host after each guest";

struct Row {
  std::uint16_t vendor = 0;
  std::span<const std::uint16_t> devices;
  ResetFault fault;
};

constexpr std::array<Row, 9> kRows = {
    {{kAmd, kPolaris, {"Polaris, RX 400 and 500", "gnif/vendor-reset", kModule}},
     {kAmd, kVega10, {"Vega 10", "gnif/vendor-reset", kModule}},
     {kAmd, kVega20, {"Vega 20", "gnif/vendor-reset", kModule}},
     {kAmd, kNavi10, {"Navi 10, RX 5600 and 5700", "gnif/vendor-reset#29", kModule}},
     {kAmd, kNavi12, {"Navi 12", "gnif/vendor-reset", kModule}},
     {kAmd, kNavi14, {"Navi 14, RX 5300 and 5500", "gnif/vendor-reset#25", kModule}},
     {kAmd,
      kProcessors,
      {"graphics of AMD's processors", "isc30/ryzen-gpu-passthrough-proxmox#135", kSwitchOff}},
     {kAmd, kInstinct, {"MI300X and MI355X", "amd/MxGPU-Virtualization#25", kReboot}},
     {kNvidia, kBlackwell, {"Blackwell", "NVIDIA/open-gpu-kernel-modules#853 and #949", kReboot}}}};

bool has_own_reset(const PciFunction& gpu) {
  return gpu.reset_methods &&
         std::ranges::find(*gpu.reset_methods, "device_specific") != gpu.reset_methods->end();
}

}  // namespace

const ResetFault* reset_fault(const PciFunction& gpu) {
  if (!gpu.vendor || !gpu.device || is_virtual(gpu) || has_own_reset(gpu)) return nullptr;
  const auto row = std::ranges::find_if(kRows, [&](const Row& one) {
    return one.vendor == *gpu.vendor && std::ranges::find(one.devices, *gpu.device) != one.devices.end();
  });
  return row == kRows.end() ? nullptr : &row->fault;
}

}  // namespace gpupass
