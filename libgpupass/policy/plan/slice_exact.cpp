// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan/slice_exact.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "policy/plan/slice_types.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/offers.hpp"
#include "policy/slice/slices.hpp"
#include "policy/slice/users.hpp"
#include "values/card.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

using Present = std::vector<TypedSlice>;

bool is_missed(const Host& host, const TypedSlice& slice) {
  return !users_of_slice(host, slice.device).empty() || !wishes_for_slice(host, slice.device).empty();
}

/// Takes out of `left` what the type names.
void keep_named(const DeclaredType& type, Present& left, SliceChanges& changes) {
  for (const DeviceId device : type.slices)
    if (const auto found = std::ranges::find(left, device, &TypedSlice::device);
        found != left.end() && found->type == id_of(type))
      left.erase(found);
    else
      changes.missing.push_back({&type, 1, device});
}

/// Takes as many out of `left` as the type counts: first those that somebody would miss.
void keep_some(const Host& host, const DeclaredType& type, Present& left, SliceChanges& changes) {
  std::vector<std::pair<bool, DeviceId>> of_type;
  for (const TypedSlice& slice : left)
    if (slice.type == id_of(type)) of_type.emplace_back(!is_missed(host, slice), slice.device);
  std::ranges::sort(of_type);
  if (of_type.size() > type.count) of_type.resize(type.count);
  for (const auto& [idle, device] : of_type)
    std::erase_if(left, [&](const TypedSlice& slice) { return slice.device == device; });
  if (const auto kept = static_cast<unsigned>(of_type.size()); kept < type.count)
    changes.missing.push_back({&type, type.count - kept, std::nullopt});
}

/// The way from one set of slices of a GPU to another.
class Cutting {
 public:
  Cutting(const Host& host, PciAddress gpu, const std::vector<DeclaredType>& wanted)
      : host_(host), now_(host), gpu_(gpu), wanted_(wanted) {}

  Plan plan(const SliceChanges& changes, Surplus surplus);

 private:
  void then(Plan more);
  void make(const MissingSlices& missing);
  Offer offer(const std::string& id) const;
  bool is_named(PciAddress function) const;

  const Host& host_;
  Host now_;  ///< After the steps so far.
  PciAddress gpu_;
  const std::vector<DeclaredType>& wanted_;
  Plan plan_;
};

void Cutting::then(Plan more) {
  more.notes.clear();  // They are about slices that nothing makes again.
  now_ = after(now_, more);
  append(plan_, std::move(more));
}

bool Cutting::is_named(PciAddress function) const {
  return std::ranges::any_of(wanted_, [&](const DeclaredType& type) {
    return std::ranges::binary_search(type.slices, DeviceId(function));
  });
}

/// While nothing has changed the driver itself tells what it can make. Later it is known only which
/// functions are free.
Offer Cutting::offer(const std::string& id) const {
  const PciFunction& gpu = function_at(now_, gpu_);
  if (plan_.steps.empty()) return offer_called(now_, gpu, id);
  Offer offer{.kind = SliceKind::Mediated, .type = id, .name = "", .functions = {}};
  for (const PciFunction* function : sliced_functions(now_, gpu)) {
    if (!function->slicing) continue;
    const auto& types = function->slicing->mediated_types;
    if (types && std::ranges::find(*types, id, &MediatedType::type) != types->end())
      offer.functions.push_back(function);
  }
  if (!offer.functions.empty()) return offer;
  offer.kind = SliceKind::Vgpu;
  for (const PciFunction* function : sliced_functions(now_, gpu))
    if (function->vgpu_type && *function->vgpu_type == 0) offer.functions.push_back(function);
  return offer;
}

void Cutting::make(const MissingSlices& missing) {
  const PciFunction& gpu = function_at(now_, gpu_);
  SliceRequest request{id_of(*missing.type), missing.count, "", false};
  Offer of_type = offer(request.type);
  if (missing.device && missing.device->is_mediated() != (of_type.kind == SliceKind::Mediated))
    refuse(kSliceVerb, missing.device->to_string(),
           missing.device->is_mediated()
               ? fmt::format("type {} is one of vGPUs, which have no UUIDs", request.type)
               : fmt::format("type {} is one of mediated devices, which have UUIDs", request.type),
           "gpupass slices lists both by their names");
  if (of_type.kind == SliceKind::Mediated) {
    if (missing.device) request.uuid = missing.device->to_string();
    const bool taken = missing.device && is_taken(now_, *missing.device);
    then(taken ? plan_mediated_again(now_, gpu, request, *missing.device)
               : plan_mediated(now_, gpu, of_type, request, missing.device));
    return;
  }
  const PciFunction* named = missing.device ? &function_at(now_, *missing.device->function()) : nullptr;
  std::erase_if(of_type.functions, [&](const PciFunction* function) {
    return named ? function != named : is_named(function->address);
  });
  then(plan_vgpus(now_, named ? *named : gpu, of_type, request));
}

Plan Cutting::plan(const SliceChanges& changes, Surplus surplus) {
  std::vector<DeviceId> goes;
  std::ranges::transform(changes.surplus, std::back_inserter(goes), &TypedSlice::device);
  const bool removes = surplus == Surplus::Remove && !goes.empty();
  if (removes)
    then(plan_slice_destroy(host_, goes));
  else  // Each can be made by itself, so far.
    for (const MissingSlices& missing : changes.missing)
      offer_called(host_, function_at(host_, gpu_), id_of(*missing.type));
  for (const MissingSlices& missing : changes.missing) make(missing);
  unsigned made = 0;
  for (const MissingSlices& missing : changes.missing) made += missing.count;
  if (made > 1 || (made == 1 && plan_.steps.size() > 1))
    plan_.notes.push_back(
        fmt::format("slices of {} share its memory: if there is no room for all, everything stays as it is",
                    gpu_.to_string()));
  return std::move(plan_);
}

}  // namespace

const std::string& id_of(const DeclaredType& type) {
  return type.id.empty() ? type.type : type.id;
}

SliceChanges slice_changes(const Host& host, const std::vector<TypedSlice>& present,
                           const std::vector<DeclaredType>& wanted) {
  SliceChanges changes;
  changes.surplus = present;
  for (const DeclaredType& type : wanted)
    if (!type.slices.empty()) keep_named(type, changes.surplus, changes);
  for (const DeclaredType& type : wanted)
    if (type.slices.empty()) keep_some(host, type, changes.surplus, changes);
  return changes;
}

Plan plan_typed_slices(const Host& host, const PciFunction& gpu, const std::vector<DeclaredType>& wanted,
                       Surplus surplus) {
  const Fact<std::vector<TypedSlice>> present = typed_slices(host, gpu);
  if (present.unknown())
    refuse(kSliceVerb, gpu.address.to_string(), fmt::format("its slices are not known: {}", present.why()),
           kRunAsRoot);
  return Cutting(host, gpu.address, wanted).plan(slice_changes(host, present.value_or({}), wanted), surplus);
}

}  // namespace gpupass
