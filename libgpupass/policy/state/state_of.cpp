// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <map>
#include <utility>

#include "gpupass/policy.hpp"
#include "policy/prepare/preparation.hpp"
#include "policy/settings.hpp"
#include "policy/slice/mig_cards.hpp"
#include "policy/state/declared.hpp"
#include "policy/state/declared_mig.hpp"
#include "policy/state/recorded_slices.hpp"
#include "policy/state/slices.hpp"
#include "values/card.hpp"
#include "values/declared_slices.hpp"
#include "values/lasting_identity.hpp"

/// What a host is, as a declaration.
namespace gpupass {

namespace {

/// What is written and in effect. nullopt: nothing, or not all of it.
std::optional<Preparation> present_preparation(const Host& host) {
  const Fact<Preparation> written = preparation_of(host);
  if (!written || *written == Preparation() || !not_in_effect(host, *written).empty()) return std::nullopt;
  return *written;
}

/// What a GPU is cut into now. nullopt: it cannot be cut, or nobody can tell.
std::optional<DeclaredSlices> present_slices(const Host& host, const PciFunction& gpu) {
  DeclaredSlices slices;
  // Instances of a card without a table have names that no file can have.
  if (const auto mig = present_mig(host, gpu); mig && (mig->profiles.empty() || find_mig_card(gpu)))
    slices.mig = *mig;
  if (gpu.slicing && gpu.sriov && gpu.sriov->total_vfs > 0) slices.vfs = gpu.sriov->vfs;
  const Fact<std::vector<TypedSlice>> typed = typed_slices(host, gpu);
  if (gpu.slicing && typed) {
    std::map<std::string, std::vector<DeviceId>> by_type;
    for (const TypedSlice& slice : *typed) by_type[slice.type].push_back(slice.device);
    slices.types.emplace();
    for (auto& [type, devices] : by_type) {
      if (!is_type_name(type)) return std::nullopt;
      slices.types->push_back(
          {.type = type, .count = static_cast<unsigned>(devices.size()), .slices = devices});
    }
  }
  if (!slices.mig && !slices.vfs && !slices.types) return std::nullopt;
  const auto is_on_vfio = [&](PciAddress address) {
    const PciFunction* function = find_function(host, address);
    return function && on_vfio(*function);
  };
  const std::vector<PciAddress> functions = gpu.virtual_functions.value_or({});
  const bool has_types = slices.types && !slices.types->empty();
  if (!functions.empty() && !has_types && std::ranges::all_of(functions, is_on_vfio))
    slices.use = GpuUse::Whole;
  if (wants_slices(slices)) slices.boot = false;
  return slices;
}

/// As they are recorded, if they are so; else as they are, if nothing is recorded. What is recorded and is
/// not so is neither: nothing is declared of it.
std::optional<DeclaredSlices> declared_slices(const Host& host, const PciFunction& gpu,
                                              std::optional<GpuUse> use,
                                              const Fact<std::vector<DeclaredGpu>>& recorded) {
  if (!recorded) return std::nullopt;
  std::optional<DeclaredSlices> slices;
  if (const DeclaredGpu* record = recorded_at(*recorded, gpu.address); !record)
    slices = present_slices(host, gpu);
  else if (is_record_of(*record, gpu) && DeclaredCut(host, *record, gpu.address).differences().empty())
    slices = record->slices;
  if (slices) slices->where.clear();
  if (slices && slices->mig) slices->mig->where.clear();
  if (slices && slices->types)
    for (DeclaredType& type : *slices->types) type.where.clear();
  if (slices && use == GpuUse::Whole && wants_slices(*slices)) return std::nullopt;
  return slices;
}

}  // namespace

State state_of(const Host& host) {
  const Settings settings = settings_of(host);
  const Fact<std::vector<DeclaredGpu>> recorded = recorded_slices(host);
  State state{
      {}, settings.reserved_cpus, settings.stop, settings.defaults, present_preparation(host), settings.tune};
  for (const PciFunction& gpu : host.functions) {
    if (!is_gpu(gpu) || is_virtual(gpu)) continue;
    DeclaredGpu declared;
    declared.key = gpu.address.to_string();
    declared.identity = lasting_identity(gpu);
    const std::optional<bool> boot = boot_use_of(host, gpu);
    // Without `boot`, `use` would say that each boot binds all of it, or nothing.
    const bool in_part = host.boot_bindings && !boot;
    if (!in_part) declared.use = use_of(host, gpu);
    if (!in_part && boot != boot_of(declared)) declared.boot = boot;
    declared.name = name_of(host, gpu);
    declared.slices = declared_slices(host, gpu, declared.use, recorded);
    state.gpus.push_back(std::move(declared));
  }
  return state;
}

}  // namespace gpupass
