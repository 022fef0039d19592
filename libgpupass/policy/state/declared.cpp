// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/state/declared.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "policy/plan/boot_bindings.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/lasting_identity.hpp"
#include "values/lower.hpp"
#include "values/sort_unique.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// An id that the file names and the function has otherwise, or does not tell.
bool fits(const Identity& declared, const Identity& seen) {
  for (const auto& [name, id] : kIdentityIds)
    if (declared.*id && seen.*id && declared.*id != seen.*id) return false;
  // Only root reads serial numbers, and only a driver knows the UUID: what is not seen proves nothing.
  const auto same = [](const std::string& one, const std::string& other) {
    return one.empty() || other.empty() || lower(one) == lower(other);
  };
  return same(declared.serial, seen.serial) && same(declared.uuid, seen.uuid);
}

/// Whether the function certainly has the serial number or the UUID.
bool is_proven(const Identity& declared, const Identity& seen) {
  const auto same = [](const std::string& one, const std::string& other) {
    return !one.empty() && lower(one) == lower(other);
  };
  return same(declared.serial, seen.serial) || same(declared.uuid, seen.uuid);
}

std::string place_of(const DeclaredGpu& declared) {
  return declared.where.empty() ? "" : declared.where + ": ";
}

Finding missing(const Host& host, const DeclaredGpu& declared) {
  const auto address = PciAddress::parse(declared.key);
  const PciFunction* there = address ? find_function(host, *address) : nullptr;
  std::string message = place_of(declared) + declared.key;
  if (!address)
    message += " is declared, and no GPU of this host tells that it is this one";
  else if (!there)
    message += " is declared, and nothing is there";
  else if (!is_gpu(*there))
    message += fmt::format(" is declared, and the device there is no GPU: {}", text_of(identity_of(*there)));
  else
    message += fmt::format(" is declared as {}, and another device is there: {}", text_of(declared.identity),
                           text_of(identity_of(*there)));
  for (const PciFunction& function : host.functions)
    if (is_gpu(function) && !is_virtual(function) &&
        is_proven(declared.identity, identity_of(host, function)))
      message += fmt::format("; it is at {} now", function.address.to_string());
  return {"state.device", Verdict::Fail, declared.key, std::move(message),
          "gpupass export prints what there is"};
}

const PciFunction* function_of(const Host& host, const DeclaredGpu& declared) {
  if (const auto address = PciAddress::parse(declared.key)) {
    const PciFunction* function = find_function(host, *address);
    return function && is_gpu(*function) && fits(declared.identity, identity_of(host, *function)) ? function
                                                                                                  : nullptr;
  }
  for (const PciFunction& function : host.functions)
    if (is_gpu(function) && !is_virtual(function) &&
        is_proven(declared.identity, identity_of(host, function)))
      return &function;
  return nullptr;
}

bool any(const std::vector<PciAddress>& functions, const auto& holds) {
  return std::ranges::any_of(functions, holds);
}

/// GPUs that move together cannot go two ways.
void find_conflicts(const Host& host, FoundGpus& found) {
  for (const FoundGpu& one : found.gpus)
    for (const FoundGpu& other : found.gpus) {
      if (one.declared->use != GpuUse::Whole || other.declared->use != GpuUse::Host) continue;
      if (!std::ranges::binary_search(closure_of(host, one.function->address), other.function->address))
        continue;
      found.findings.push_back(
          {"state.conflict", Verdict::Fail, one.declared->key,
           fmt::format("{}{} is declared whole, and {}, which moves with it, stays with the host",
                       place_of(*one.declared), one.declared->key, other.declared->key),
           "declare the same use for both: gpupass groups tells what moves together"});
    }
}

}  // namespace

FoundGpus find_declared(const Host& host, const State& state) {
  FoundGpus found;
  std::map<PciAddress, const DeclaredGpu*> first;
  for (const DeclaredGpu& declared : state.gpus) {
    const PciFunction* function = function_of(host, declared);
    if (!function) {
      found.findings.push_back(missing(host, declared));
      continue;
    }
    const auto [other, is_new] = first.try_emplace(function->address, &declared);
    if (is_new)
      found.gpus.push_back({&declared, function});
    else
      found.findings.push_back({"state.device", Verdict::Fail, declared.key,
                                fmt::format("{}{} and {} are one GPU, {}", place_of(declared), declared.key,
                                            other->second->key, function->address.to_string()),
                                "declare each GPU once"});
  }
  find_conflicts(host, found);
  return found;
}

std::optional<GpuUse> use_of(const Host& host, const PciFunction& gpu) {
  const std::vector<PciAddress> closure = closure_of(host, gpu.address);
  if (any(closure, [&](PciAddress address) {
        const Fact<std::string>& driver = function_at(host, address).driver;
        return !driver && !driver.absent();
      }))
    return std::nullopt;
  if (is_bound(host, closure)) return GpuUse::Whole;
  // Others of its group may be on vfio-pci for reasons of their own.
  if (any(card_of(host, gpu), [&](PciAddress address) { return on_vfio(function_at(host, address)); }))
    return std::nullopt;
  return GpuUse::Host;
}

std::optional<bool> boot_use_of(const Host& host, const PciFunction& gpu) {
  if (!host.boot_bindings) return std::nullopt;
  const auto bound = [&](PciAddress address) { return is_bound_at_boot(host, function_at(host, address)); };
  if (std::ranges::all_of(closure_of(host, gpu.address), bound)) return true;
  const auto named = [&](const BootBinding& binding) { return binding.address.same_slot(gpu.address); };
  if (std::ranges::any_of(*host.boot_bindings, named)) return std::nullopt;
  return false;
}

std::optional<bool> boot_of(const DeclaredGpu& declared) {
  if (declared.boot) return declared.boot;
  return declared.use ? std::optional(*declared.use == GpuUse::Whole) : std::nullopt;
}

Settings declared_settings(const State& state, const std::vector<FoundGpu>& gpus) {
  Settings settings{{}, state.reserved_cpus, state.stop, state.defaults, state.tune};
  sort_unique(settings.stop);
  for (const FoundGpu& gpu : gpus) {
    if (gpu.declared->name.empty()) continue;
    settings.names.push_back({gpu.declared->name, gpu.function->address, lasting_identity(*gpu.function)});
  }
  std::ranges::sort(settings.names, {}, &GpuName::name);
  return settings;
}

}  // namespace gpupass
