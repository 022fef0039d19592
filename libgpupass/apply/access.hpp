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

/// Thrown when a step that may only look would change something.
struct WouldChange {};

/// The machine in the hands of one step. It remembers whether the step changed anything, because a step that
/// failed before its first change needs no undo.
class Access {
 public:
  enum class Mode { Act, Look };
  /// By path, what was seen of attributes whose reading may block, since the locks are held. A change by
  /// somebody else is noticed at the latest when the wrong driver is bound.
  using Seen = std::map<std::string, std::string, std::less<>>;

  /// In Mode::Look each change throws WouldChange.
  explicit Access(System& system, Mode mode = Mode::Act) : system_(system), mode_(mode) {}
  /// Takes what is in `seen` from there, and keeps it up to date.
  Access(System& system, Seen& seen) : system_(system), mode_(Mode::Act), seen_(&seen) {}

  const System& look() const { return system_; }
  System& touch() {
    expect_may_change();
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

  /// How long to wait for a hypervisor that has gone: it may be restarting. Mode::Look does not wait.
  std::chrono::milliseconds patience() const;
  /// The domain now; nullopt when there is none. @throws Error when the hypervisor cannot tell.
  std::optional<DomainXml> domain(const std::string& name) const { return domain(name, patience()); }
  std::optional<DomainXml> domain(const std::string& name, std::chrono::milliseconds patience) const;
  /// Makes a module's drivers available, which leaves every device as it is.
  void load_module(const std::string& name) {
    expect_may_change();
    system_.carry_out(LoadModuleOrder{name});
  }
  /// To change guests with.
  Hypervisor& guests();
  /// To wait for a guest with, which changes nothing.
  std::vector<std::string> wait_for_change(const std::string& name, std::chrono::milliseconds timeout);

 private:
  void expect_may_change() const {
    if (mode_ == Mode::Look) throw WouldChange();
  }

  System& system_;
  Mode mode_;
  Seen* seen_ = nullptr;
  bool touched_ = false;
  std::string remark_;
};

}  // namespace gpupass
