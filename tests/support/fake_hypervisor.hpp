// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/pci.hpp"
#include "gpupass/system.hpp"
#include "support/faults.hpp"

namespace gpupass {

/// How a running guest answers the request to let go of a device.
struct FakeGuest {
  unsigned deaf_to = 0;       ///< How many requests it overhears.
  unsigned wakes_needed = 0;  ///< How many times one must wait after the request that it heard.
  bool dies = false;          ///< It ends instead.
  bool refuses = false;       ///< It says that it will not.
};

/// Guests in memory, with their definitions.
class FakeHypervisor final : public Hypervisor {
 public:
  /// `usable` says whether a function can be given to a running guest.
  FakeHypervisor(Faults& faults, std::function<bool(PciAddress)> usable)
      : faults_(faults), usable_(std::move(usable)) {}

  // --- what a test arranges ---

  /// A domain whose definition has no devices.
  void add(const std::string& name);
  /// From now on it stores a definition in words of its own, as libvirt does.
  void rewrite_definitions() { rewrites_ = true; }
  /// The same, running.
  void add_running(const std::string& name);
  /// Running, without a definition that outlives it.
  void add_transient(const std::string& name);
  void pause(const std::string& name) { domains_.at(name).paused = true; }
  /// When it goes away in a change, so many further calls find nobody.
  void stay_away(unsigned calls) { away_ = calls; }
  void behave(const std::string& name, const FakeGuest& guest) { guests_[name] = guest; }
  /// Asking for a domain fails.
  void break_down() { broken_ = true; }
  /// All of it, to compare.
  const std::map<std::string, DomainXml>& state() const { return domains_; }
  void restore(const std::map<std::string, DomainXml>& domains) {
    domains_ = domains;
    ejecting_.clear();
    refused_.clear();
    requests_ = 0;
    absent_ = 0;
  }
  /// How many times a guest was asked to let go of something.
  unsigned requests() const { return requests_; }

  // --- Hypervisor ---

  Fact<std::vector<DomainXml>> domains() const;
  Fact<DomainXml> domain(const std::string& name) const override;
  void define(const std::string& name, const std::string& xml) override;
  void undefine(const std::string& name) override;
  void set_metadata(const std::string& name, const std::string& xml_namespace,
                    const std::string& xml) override;
  void start(const std::string& name) override;
  void destroy(const std::string& name) override;
  void attach(const std::string& name, const std::string& device_xml, Scope scope) override;
  void detach(const std::string& name, const std::string& device_xml, Scope scope) override;
  std::vector<std::string> wait_for_change(const std::string& name,
                                           std::chrono::milliseconds timeout) override;

 private:
  bool rewrites_ = false;
  void change(std::string_view verb, const std::string& name, const std::function<void()>& take_effect);
  void expect_presence(const std::string& name) const;
  DomainXml& existing(const std::string& name);
  void stop(const std::string& name);
  void eject(const std::string& name);

  Faults& faults_;
  std::function<bool(PciAddress)> usable_;
  std::map<std::string, DomainXml> domains_;
  std::map<std::string, FakeGuest> guests_;
  std::map<std::string, std::vector<std::string>>
      ejecting_;                                             // Device XML that a guest is about to let go of.
  std::map<std::string, std::vector<std::string>> refused_;  // Aliases that a guest is about to refuse.
  unsigned requests_ = 0;
  unsigned away_ = 0;
  mutable unsigned absent_ = 0;  // So many calls from now on find nobody.
  bool broken_ = false;
};

}  // namespace gpupass
