// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "policy/guard/guards.hpp"

namespace gpupass {

/// A display on vfio-pci is not the host's.
bool is_hosts_display(const PciFunction& function);

/// One GPU that is to be given away, and the facts about it. Each guard in turn adds its objections.
class Candidate {
 public:
  Candidate(const Host& host, PciAddress gpu, const std::vector<PciAddress>& together,
            const std::vector<std::string>& stop = {});

  const Host& host() const { return host_; }
  const PciFunction& gpu() const { return gpu_; }
  /// What moves with this one, and with all of them.
  const std::vector<PciAddress>& closure() const { return closure_; }
  /// Whether a process ends before anything moves.
  bool ends(const DeviceUser& user) const;
  /// Whether a function is on the card of one of them.
  bool goes_along(const PciFunction& function) const { return cards_.contains(function.address); }
  /// Whether the host still has a display when all of them have left.
  bool display_stays() const { return display_stays_; }
  /// All that moves, ascending.
  const std::vector<PciAddress>& leaving() const { return leaving_; }
  bool is_leaving(PciAddress function) const { return std::ranges::binary_search(leaving_, function); }

  void fail(const char* id, std::string message, std::string remedy = {}) {
    add(id, Verdict::Fail, std::move(message), std::move(remedy), std::nullopt);
  }
  void unknown(const char* id, std::string message, std::string remedy = {}) {
    add(id, Verdict::Unknown, std::move(message), std::move(remedy), std::nullopt);
  }
  /// As fail(), unless the user names the device with --force.
  void protect(PciAddress device, const char* id, std::string message, std::string remedy = {});
  /// As unknown(), unless the user names the device with --force.
  void doubt(PciAddress device, const char* id, std::string message, std::string remedy = {});
  void add(Finding finding) { objections_.push_back({std::move(finding), std::nullopt}); }

  std::vector<Objection> objections() { return std::move(objections_); }

 private:
  void add(const char* id, Verdict verdict, std::string message, std::string remedy,
           std::optional<PciAddress> force) {
    objections_.push_back(
        {{id, verdict, gpu_.address.to_string(), std::move(message), std::move(remedy)}, force});
  }

  const Host& host_;
  const PciFunction& gpu_;
  const std::set<PciAddress> cards_;
  const std::vector<PciAddress> leaving_;
  const std::vector<PciAddress> closure_;
  const bool display_stays_;
  const std::vector<std::string> stop_;
  std::vector<Objection> objections_;
};

/// Its IOMMU group, and who shares it.
void guard_group(Candidate& candidate);
/// Displays, the console and keyboards, by which people reach the host.
void guard_console(Candidate& candidate, const PciFunction& member);
/// Disks, network interfaces and slices.
void guard_uses(Candidate& candidate, const PciFunction& member);
/// Its driver: whether it is known, and is not held by any process.
void guard_driver(Candidate& candidate, const PciFunction& member);
/// Whether its drivers are known to let go of a device.
void guard_letting_go(Candidate& candidate);
/// Whether its memory has addresses.
void guard_addresses(Candidate& candidate);
/// How it can be reset.
void guard_reset(Candidate& candidate);
/// Whether interrupts are remapped.
void guard_interrupts(Candidate& candidate);

}  // namespace gpupass
