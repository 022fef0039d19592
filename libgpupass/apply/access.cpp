// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/access.hpp"

#include <thread>

#include "apply/absence.hpp"

namespace gpupass {

using std::chrono::milliseconds;

Fact<std::string> Access::read_guarded(const std::string& path) const {
  if (seen_)
    if (const auto known = seen_->find(path); known != seen_->end()) return known->second;
  return system_.read_guarded(path);
}

Fact<std::string> Access::set_guarded(const std::string& path, std::string_view value) {
  if (seen_) seen_->erase(path);
  const Fact<std::string> now = touch().set_guarded(path, value);
  if (seen_ && now) seen_->emplace(path, *now);
  return now;
}

milliseconds Access::patience() const {
  return mode_ == Mode::Act ? milliseconds(30'000) : milliseconds(0);
}

std::optional<DomainXml> Access::domain(const std::string& name, milliseconds patience) const {
  constexpr milliseconds kBetweenLooks{50};
  const auto end = std::chrono::steady_clock::now() + patience;
  Hypervisor& hypervisor = system_.hypervisor();
  for (;;) try {
      const Fact<DomainXml> domain = hypervisor.domain(name);
      if (domain) return *domain;
      if (domain.absent()) return std::nullopt;
      throw failure(ErrorCode::System, "look up domain", name, domain.why(), "an answer");
    } catch (const Error& error) {
      if (!is_absence(error) || std::chrono::steady_clock::now() >= end) throw;
      std::this_thread::sleep_for(kBetweenLooks);
    }
}

Hypervisor& Access::guests() {
  Hypervisor& hypervisor = system_.hypervisor();
  touch();
  return hypervisor;
}

std::vector<std::string> Access::wait_for_change(const std::string& name, milliseconds timeout) {
  return system_.hypervisor().wait_for_change(name, timeout);
}

}  // namespace gpupass
