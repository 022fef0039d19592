// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan/boot_duty.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

std::string identity_text(std::uint16_t vendor, std::uint16_t device, std::uint16_t subsystem_vendor,
                          std::uint16_t subsystem_device, const std::string& serial) {
  return fmt::format("{:04x}:{:04x} (subsystem {:04x}:{:04x}{}{})", vendor, device, subsystem_vendor,
                     subsystem_device, serial.empty() ? "" : ", serial ", serial);
}

std::string identity_text(const BootBinding& binding) {
  return identity_text(binding.vendor, binding.device, binding.subsystem_vendor, binding.subsystem_device,
                       binding.serial);
}

std::string identity_text(const PciFunction& function) {
  return identity_text(function.vendor.value_or(0), function.device.value_or(0),
                       function.subsystem_vendor.value_or(0), function.subsystem_device.value_or(0),
                       serial_of(function));
}

/// Where else the recorded device may sit now. Without a serial number any of its kind may be it.
std::string elsewhere(const Host& host, const BootBinding& binding) {
  std::vector<PciAddress> places;
  for (const PciFunction& function : host.functions)
    if (function.address != binding.address && !is_bridge(function) &&
        !find_boot_binding(host, function.address) && is_device_of(binding, function) == Answer::Yes)
      places.push_back(function.address);
  if (places.empty()) return {};
  return fmt::format("; one like it is at {}", addresses_text(places));
}

Finding other_device(const Host& host, const BootBinding& binding, Answer same) {
  const PciFunction* function = find_function(host, binding.address);
  const std::string name = binding.address.to_string();
  const std::string wanted = fmt::format("{} was to be bound at boot as {}", name, identity_text(binding));
  if (function && same == Answer::Unknown)
    return {"gpu.boot-binding-stale", Verdict::Unknown, name,
            fmt::format("{}, and whether it is that device is not known", wanted), "look as root"};
  const std::string seen =
      function ? "another device is there: " + identity_text(*function) : std::string("nothing is there");
  return {"gpu.boot-binding-stale", Verdict::Warn, name,
          fmt::format("{}, and {}{}", wanted, seen, elsewhere(host, binding)),
          fmt::format("gpupass release --persist {}, then gpupass bind --persist where it is now", name)};
}

Answer state_of(const Host& host, const BootBinding& binding) {
  const PciFunction* function = find_function(host, binding.address);
  return function ? is_device_of(binding, *function) : Answer::No;
}

}  // namespace

Answer is_device_of(const BootBinding& binding, const PciFunction& function) {
  const auto compare = [](const Fact<std::uint16_t>& fact, std::uint16_t wanted) {
    if (!fact) return fact.absent() ? Answer::No : Answer::Unknown;
    return *fact == wanted ? Answer::Yes : Answer::No;
  };
  Answer answer = Answer::Yes;
  for (const Answer one : {compare(function.vendor, binding.vendor), compare(function.device, binding.device),
                           compare(function.subsystem_vendor, binding.subsystem_vendor),
                           compare(function.subsystem_device, binding.subsystem_device)}) {
    if (one == Answer::No) return Answer::No;
    if (one == Answer::Unknown) answer = Answer::Unknown;
  }
  // Only root reads serial numbers; who does not see one does not see another one.
  const std::string serial = serial_of(function);
  return !binding.serial.empty() && !serial.empty() && serial != binding.serial ? Answer::No : answer;
}

std::string serial_of(const PciFunction& function) {
  return function.config && function.config->serial ? *function.config->serial : std::string();
}

bool is_bound_at_boot(const Host& host, const PciFunction& function) {
  const BootBinding* binding = find_boot_binding(host, function.address);
  return binding && is_device_of(*binding, function) == Answer::Yes;
}

std::vector<Finding> check_boot(const Host& host, const std::vector<PciAddress>& gpus) {
  std::vector<Finding> findings;
  if (!host.boot_bindings) return findings;
  for (const BootBinding& binding : *host.boot_bindings) {
    const Answer same = state_of(host, binding);
    if (same != Answer::Yes)
      findings.push_back(other_device(host, binding, same));
    else if (std::ranges::find(gpus, binding.address) != gpus.end())
      findings.push_back(
          {"gpu.boot-binding", Verdict::Pass, binding.address.to_string(),
           fmt::format("{} is bound to vfio-pci early on every boot", binding.address.to_string()), ""});
  }
  return findings;
}

BootDuty boot_duty(const Host& host) {
  BootDuty duty;
  std::vector<PciAddress> gpus;
  for (const BootBinding& binding : host.boot_bindings.value_or({})) {
    const Answer same = state_of(host, binding);
    if (same != Answer::Yes)
      duty.findings.push_back(other_device(host, binding, same));
    else if (is_gpu(function_at(host, binding.address)))
      gpus.push_back(binding.address);
  }
  while (!gpus.empty()) {
    const std::vector<PciAddress> closure = closure_of(host, gpus.front());
    const auto moves = [&](PciAddress gpu) { return std::ranges::binary_search(closure, gpu); };
    std::vector<PciAddress>& together = duty.gpus.emplace_back();
    std::ranges::copy_if(gpus, std::back_inserter(together), moves);
    std::erase_if(gpus, moves);
  }
  return duty;
}

std::vector<PciAddress> take_gone(const Host& host, std::vector<std::string>& names) {
  std::vector<PciAddress> gone;
  std::erase_if(names, [&](const std::string& name) {
    const auto address = PciAddress::parse(name);
    const bool nothing = address && !find_function(host, *address) && find_boot_binding(host, *address);
    if (nothing) gone.push_back(*address);
    return nothing;
  });
  return gone;
}

}  // namespace gpupass
