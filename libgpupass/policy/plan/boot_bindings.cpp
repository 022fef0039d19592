// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan/boot_bindings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "policy/refuse.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

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
  const std::string wanted = fmt::format("{} was to be bound at boot as {}", name, text_of(binding.identity));
  if (function && same == Answer::Unknown)
    return {"gpu.boot-binding-stale", Verdict::Unknown, name,
            fmt::format("{}, and it is not known whether this is that device", wanted), kRunAsRoot};
  const std::string seen = function ? "another device is there: " + text_of(identity_of(*function))
                                    : std::string("nothing is there");
  return {"gpu.boot-binding-stale", Verdict::Warn, name,
          fmt::format("{}, and {}{}", wanted, seen, elsewhere(host, binding)),
          fmt::format("gpupass release --persist {}, then gpupass bind --persist where it is now", name)};
}

/// If the boot bindings are unknown, "nothing" would be a wrong answer.
std::optional<Finding> unknown_bindings(const Host& host) {
  if (host.boot_bindings || host.boot_bindings.absent()) return std::nullopt;
  return Finding{"gpu.boot-binding", Verdict::Unknown, "host",
                 "it is not known what is bound at boot: " + why_unknown(host.boot_bindings), ""};
}

/// An image that is built without the hooks binds nothing.
std::optional<Finding> missing_hook(const Host& host) {
  if (host.boot_bindings->empty() || !host.boot_images) return std::nullopt;
  for (const OwnFile& hook : host.boot_images->hooks)
    if (hook.content.absent())
      return Finding{"boot.hook", Verdict::Warn, "host",
                     fmt::format("{} is missing: the next boot image will bind no GPU", hook.path),
                     "gpupass boot install"};
  return std::nullopt;
}

Answer state_of(const Host& host, const BootBinding& binding) {
  const PciFunction* function = find_function(host, binding.address);
  return function ? is_device_of(binding, *function) : Answer::No;
}

}  // namespace

Answer is_device_of(const BootBinding& binding, const PciFunction& function) {
  // Only root reads serial numbers: one that is not seen does not speak against the device.
  if (likeness(binding.identity, identity_of(function)) == Likeness::Other) return Answer::No;
  Answer answer = Answer::Yes;
  for (const auto* id :
       {&function.vendor, &function.device, &function.subsystem_vendor, &function.subsystem_device}) {
    if (id->absent()) return Answer::No;
    if (!*id) answer = Answer::Unknown;
  }
  return answer;
}

BootImages known_boot_images(const Host& host, const std::string& verb, const std::string& subject) {
  if (host.boot_images) return *host.boot_images;
  refuse(verb, subject,
         host.boot_images.absent()
             ? "saw neither initramfs-tools nor dracut, expected one that builds boot images"
             : "the boot images are not known: " + why_unknown(host.boot_images));
}

bool is_bound_at_boot(const Host& host, const PciFunction& function) {
  const BootBinding* binding = find_boot_binding(host, function.address);
  return binding && is_device_of(*binding, function) == Answer::Yes;
}

std::vector<Finding> check_boot(const Host& host, const std::vector<PciAddress>& gpus) {
  std::vector<Finding> findings;
  if (auto finding = unknown_bindings(host)) findings.push_back(*std::move(finding));
  if (!host.boot_bindings) return findings;
  if (auto finding = missing_hook(host)) findings.push_back(*std::move(finding));
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

WantedAtBoot wanted_at_boot(const Host& host) {
  WantedAtBoot wanted;
  if (auto finding = unknown_bindings(host)) wanted.findings.push_back(*std::move(finding));
  std::vector<PciAddress> gpus;
  for (const BootBinding& binding : host.boot_bindings.value_or({})) {
    const Answer same = state_of(host, binding);
    if (same != Answer::Yes)
      wanted.findings.push_back(other_device(host, binding, same));
    else if (is_gpu(function_at(host, binding.address)))
      gpus.push_back(binding.address);
  }
  while (!gpus.empty()) {
    const std::vector<PciAddress> closure = closure_of(host, gpus.front());
    const auto moves = [&](PciAddress gpu) { return std::ranges::binary_search(closure, gpu); };
    std::vector<PciAddress>& together = wanted.gpus.emplace_back();
    std::ranges::copy_if(gpus, std::back_inserter(together), moves);
    std::erase_if(gpus, moves);
  }
  return wanted;
}

std::vector<PciAddress> take_unplugged(const Host& host, std::vector<std::string>& names) {
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
