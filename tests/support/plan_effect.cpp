// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/plan_effect.hpp"

#include <algorithm>

namespace gpupass {

namespace {

Fact<std::string> name_or_none(const std::string& name) {
  if (name.empty()) return Absent{};
  return name;
}

struct Effect {
  Host& host;

  void operator()(const SetDriver& change) const {
    const auto function = std::ranges::find(host.functions, change.device, &PciFunction::address);
    function->driver = name_or_none(change.kernel_chooses ? kKernelsChoice : change.state.driver);
    function->driver_override = name_or_none(change.state.driver_override);
  }
  void operator()(const SetD3cold& change) const {
    std::ranges::find(host.functions, change.device, &PciFunction::address)->d3cold_allowed = change.allowed;
  }
  void operator()(const SetHome& change) const {
    std::erase_if(*host.homes, [&](const Home& home) { return home.address == change.device; });
    if (change.home) host.homes->push_back(*change.home);
    std::ranges::sort(*host.homes, {}, &Home::address);
  }
  void operator()(const auto&) const {}
};

}  // namespace

Host after(Host host, const Change& change) {
  std::visit(Effect{host}, change);
  return host;
}

Host after(Host host, const Plan& plan, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) host = after(std::move(host), plan.steps[i].change);
  return host;
}

Host undone(Host host, const Plan& plan, std::size_t count) {
  while (count > 0)
    if (const Step& step = plan.steps[--count]; step.undo) host = after(std::move(host), *step.undo);
  return host;
}

std::vector<std::string> summaries(const Plan& plan) {
  std::vector<std::string> result;
  for (const Step& step : plan.steps) result.push_back(step.summary);
  return result;
}

}  // namespace gpupass
