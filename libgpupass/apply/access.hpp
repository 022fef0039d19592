// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gpupass/system.hpp"

namespace gpupass {

/// What would have been touched must not be.
struct TiedHands {};

/// The machine in the hands of one step. Looking leaves no trace; that it was touched is remembered, for a
/// step that failed before it touched anything needs no undo.
class Access {
 public:
  enum class Hands { Free, Tied };
  /// By path, what was seen of attributes whose reading may block, since the locks are held. Who changes them
  /// behind their back is noticed at the latest when the driver is not the one that was to be bound.
  using Seen = std::map<std::string, std::string, std::less<>>;

  /// With tied hands it only looks. @throws TiedHands from whatever would touch.
  explicit Access(System& system, Hands hands = Hands::Free) : system_(system), hands_(hands) {}
  /// Looks at nothing twice that is in `seen`, and keeps it up to date.
  Access(System& system, Seen& seen) : system_(system), hands_(Hands::Free), seen_(&seen) {}

  const System& look() const { return system_; }
  System& touch() {
    expect_free();
    touched_ = true;
    return system_;
  }
  bool touched() const { return touched_; }
  Fact<std::string> read_guarded(const std::string& path) const;
  /// @returns what is there then.
  Fact<std::string> set_guarded(const std::string& path, std::string_view value);
  /// What the user should know of a result beside the result itself.
  void remark(std::string text) { remark_ = std::move(text); }
  const std::string& remark() const { return remark_; }

  /// How long a hypervisor that has gone is looked for: it may be restarting. Who only looks does not wait.
  std::chrono::milliseconds patience() const;
  /// The domain now; nullopt when there is none. @throws Error when the hypervisor cannot tell.
  std::optional<DomainXml> domain(const std::string& name) const { return domain(name, patience()); }
  std::optional<DomainXml> domain(const std::string& name, std::chrono::milliseconds patience) const;
  /// Makes a module's drivers available, which leaves every device as it is.
  void load_module(const std::string& name) {
    expect_free();
    system_.carry_out(LoadModuleOrder{name});
  }
  /// To change guests with.
  Hypervisor& guests();
  /// To wait for a guest with, which changes nothing.
  std::vector<std::string> wait_for_change(const std::string& name, std::chrono::milliseconds timeout);

 private:
  void expect_free() const {
    if (hands_ == Hands::Tied) throw TiedHands();
  }

  System& system_;
  Hands hands_;
  Seen* seen_ = nullptr;
  bool touched_ = false;
  std::string remark_;
};

}  // namespace gpupass
