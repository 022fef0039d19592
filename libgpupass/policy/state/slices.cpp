// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/state/slices.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "gpupass/error.hpp"
#include "policy/guests_of.hpp"
#include "policy/plan/rebind.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/offers.hpp"
#include "policy/state/declared_mig.hpp"
#include "policy/state/recorded_slices.hpp"
#include "values/card.hpp"
#include "values/declared_slices.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

constexpr auto kMakesItSo = "gpupass apply FILE makes it so";

std::string counted(unsigned count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string names_of(const std::vector<KnownType>& types) {
  std::vector<std::string> names;
  for (const KnownType& type : types)
    names.push_back(type.name.empty() ? type.id : fmt::format("{} ({})", type.id, type.name));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// What an earlier plan recorded of types of this card, when the driver still told their names.
std::vector<DeclaredType> recorded_types(const Host& host, const PciFunction& gpu) {
  const Fact<std::vector<DeclaredGpu>> recorded = recorded_slices(host);
  const DeclaredGpu* record = recorded ? recorded_at(*recorded, gpu.address) : nullptr;
  if (!record || !is_record_of(*record, gpu) || !record->slices->types) return {};
  return *record->slices->types;
}

std::string recorded_id(const Host& host, const PciFunction& gpu, const std::string& type) {
  for (const DeclaredType& known : recorded_types(host, gpu))
    if (known.type == type) return known.id;
  return {};
}

/// Whether somebody tells the name of a type, so that it is known to be no other one.
bool has_name(const Host& host, const PciFunction& gpu, const std::string& id) {
  for (const KnownType& type : known_types(host, gpu))
    if (type.id == id && !type.name.empty()) return true;
  return std::ranges::any_of(recorded_types(host, gpu),
                             [&](const DeclaredType& type) { return type.id == id; });
}

}  // namespace

DeclaredCut::DeclaredCut(const Host& host, const DeclaredGpu& declared, PciAddress gpu)
    : host_(host), declared_(declared), gpu_(function_at(host, gpu)), slices_(*declared.slices) {
  slices_.where.clear();
  if (slices_.mig) {
    std::swap(mig_place_, slices_.mig->where);
    mig_difference_ = mig_difference(host_, gpu_, *slices_.mig);
  }
  if (!slices_.types) return;
  for (DeclaredType& type : *slices_.types) {
    Fact<KnownType> known = type_called(host_, gpu_, type.type);
    if (known.unknown() && type.id.empty()) type.id = recorded_id(host_, gpu_, type.type);
    if (known.unknown() && !type.id.empty()) known = KnownType{SliceKind::Vgpu, type.id, ""};
    if (known && type.id.empty() && known->id != type.type) type.id = known->id;
    known_.push_back(std::move(known));
    places_.push_back(std::move(type.where));
    type.where.clear();
  }
}

DeclaredSlices DeclaredCut::named(const Host& now) const {
  DeclaredSlices named = slices_;
  if (!named.types) return named;
  const auto present = typed_slices(now, function_at(now, gpu_.address)).value_or({});
  for (DeclaredType& type : *named.types) {
    std::vector<DeviceId> devices;
    for (const TypedSlice& slice : present)
      if (slice.type == id_of(type)) devices.push_back(slice.device);
    if (type.slices.empty() && devices.size() == type.count) type.slices = devices;
  }
  return named;
}

Finding DeclaredCut::finding(Verdict verdict, const std::string& where, const std::string& message,
                             const std::string& remedy) const {
  return {"state.slices", verdict, gpu_.address.to_string(),
          fmt::format("{}{} {}", where.empty() ? "" : where + ": ", declared_.key, message), remedy};
}

Finding DeclaredCut::finding_of_boot(Verdict verdict, const std::string& message) const {
  return finding(verdict, declared_.slices->where, message,
                 verdict == Verdict::Fail ? kMakesItSo : kRunAsRoot);
}

bool DeclaredCut::waits_for_functions() const {
  return slices_.vfs && *slices_.vfs > 0 && (!gpu_.sriov || gpu_.sriov->vfs != *slices_.vfs);
}

bool DeclaredCut::differs_in_mig() const {
  return !mig_difference_ || !mig_difference_->empty();
}

bool DeclaredCut::waits() const {
  return waits_for_functions() || differs_in_mig();
}

const std::vector<DeclaredType>& DeclaredCut::types() const {
  static const std::vector<DeclaredType> kNone;
  return slices_.types ? *slices_.types : kNone;
}

std::vector<Finding> DeclaredCut::impossible() const {
  std::vector<Finding> findings;
  const std::string& where = declared_.slices->where;
  const auto add = [&](const std::string& place, const std::string& message, const std::string& remedy) {
    findings.push_back(finding(Verdict::Fail, place, message, remedy));
  };
  if (is_virtual(gpu_) && wants_slices(slices_))
    add(where, "is a virtual function, which is not cut", "declare the slices of the GPU itself");
  const unsigned most = gpu_.sriov ? gpu_.sriov->total_vfs : 0;
  if (!is_virtual(gpu_) && (gpu_.sriov || gpu_.sriov.absent()) && slices_.vfs.value_or(0) > most)
    add(where,
        fmt::format("is declared to have {}, and can have {}", counted(*slices_.vfs, "virtual function"),
                    most),
        "gpupass slices tells how many a GPU can have");
  if (slices_.mig && slices_.mig->enabled) try {
      fit_mig(host_, {wish_of(*slices_.mig, gpu_.address)});
    } catch (const Error& error) {
      for (const Finding& reason : error.reasons())
        add(mig_place_, "is declared to have MIG instances that it cannot have: " + reason.message,
            reason.remedy);
    }
  if (waits()) return findings;
  const std::vector<KnownType> known = known_types(host_, gpu_);
  std::map<std::string, std::string> called;
  for (std::size_t at = 0; at < types().size(); ++at) {
    const DeclaredType& type = types()[at];
    if (known_[at].absent() && !known.empty())
      add(places_[at], fmt::format("has no type called {:?}", type.type), "it has: " + names_of(known));
    if (known_[at] && known_[at]->id != id_of(type))
      add(places_[at], fmt::format("has {:?} as type {}, and not as {}", type.type, known_[at]->id, type.id),
          "leave the id out");
    const auto [other, is_new] = called.try_emplace(id_of(type), type.type);
    if (!is_new)
      add(places_[at], fmt::format("has one type that is called {:?} and {:?}", other->second, type.type),
          "declare each type once");
  }
  return findings;
}

std::vector<Finding> DeclaredCut::differences() const {
  std::vector<Finding> findings;
  compare_mig(findings);
  compare_functions(findings);
  if (!waits()) compare_types(findings);
  if (!waits_for_functions()) compare_use(findings);
  return findings;
}

void DeclaredCut::compare_mig(std::vector<Finding>& findings) const {
  if (!mig_difference_)
    findings.push_back(finding(Verdict::Unknown, mig_place_,
                               fmt::format("has MIG that is not known: {}", why_unknown(mig_difference_)),
                               kRunAsRoot));
  else if (!mig_difference_->empty())
    findings.push_back(finding(Verdict::Fail, mig_place_, *mig_difference_, kMakesItSo));
}

void DeclaredCut::compare_functions(std::vector<Finding>& findings) const {
  if (!slices_.vfs) return;
  const std::string wanted = counted(*slices_.vfs, "virtual function");
  const std::string& where = declared_.slices->where;
  if (!gpu_.sriov && !gpu_.sriov.absent())
    findings.push_back(finding(
        Verdict::Unknown, where,
        fmt::format("is declared to have {}: its SR-IOV is not known: {}", wanted, why_unknown(gpu_.sriov)),
        kRunAsRoot));
  else if (const unsigned has = gpu_.sriov ? gpu_.sriov->vfs : 0; has != *slices_.vfs)
    findings.push_back(finding(Verdict::Fail, where,
                               fmt::format("is declared to have {}, and has {}", wanted, has), kMakesItSo));
}

/// A slice of a type whose name is not known may be of a type of which only the name is known.
void DeclaredCut::compare_types(std::vector<Finding>& findings) const {
  if (!slices_.types) return;
  const Fact<std::vector<TypedSlice>> present = typed_slices(host_, gpu_);
  if (present.unknown()) {
    findings.push_back(finding(Verdict::Unknown, declared_.slices->where,
                               fmt::format("has slices that are not known: {}", present.why()), kRunAsRoot));
    return;
  }
  const SliceChanges changes = slice_changes(host_, present.value_or({}), types());
  bool unsure = false;
  for (std::size_t at = 0; at < types().size(); ++at) {
    const DeclaredType& type = types()[at];
    unsigned missing = 0;
    std::vector<std::string> names;
    for (const MissingSlices& each : changes.missing) {
      if (each.type != &type) continue;
      missing += each.count;
      if (each.device) names.push_back(each.device->to_string());
    }
    if (missing == 0) continue;
    const bool doubt = known_[at].unknown() && !changes.surplus.empty();
    unsure = unsure || doubt;
    const std::string message = names.empty() ? fmt::format("is declared to have {} of type {}, and has {}",
                                                            type.count, type.type, type.count - missing)
                                              : fmt::format("is declared to have {} of type {}, and has not",
                                                            fmt::join(names, ", "), type.type);
    findings.push_back(doubt ? finding(Verdict::Unknown, places_[at],
                                       message + " for certain: " + known_[at].why(),
                                       "name the type by its id: gpupass slices shows those that there are")
                             : finding(Verdict::Fail, places_[at], message, kMakesItSo));
  }
  if (changes.surplus.empty()) return;
  std::vector<std::string> surplus;
  for (const TypedSlice& slice : changes.surplus)
    surplus.push_back(fmt::format("{} (type {})", slice.device.to_string(), slice.type));
  findings.push_back(finding(unsure ? Verdict::Unknown : Verdict::Fail, declared_.slices->where,
                             fmt::format("has slices that are not declared: {}", fmt::join(surplus, ", ")),
                             kMakesItSo));
}

std::vector<PciAddress> DeclaredCut::used_otherwise() const {
  std::vector<PciAddress> functions;
  if (!slices_.use) return functions;
  for (const PciAddress address : gpu_.virtual_functions.value_or({})) {
    const PciFunction* function = find_function(host_, address);
    // libvirt may have bound it for a guest, and will release it.
    if (!function || !guests_of(host_, address).running.empty()) continue;
    if (on_vfio(*function) != (slices_.use == GpuUse::Whole)) functions.push_back(address);
  }
  return functions;
}

void DeclaredCut::compare_use(std::vector<Finding>& findings) const {
  if (!slices_.use) return;
  const std::string& where = declared_.slices->where;
  if (gpu_.virtual_functions.unknown())
    findings.push_back(
        finding(Verdict::Unknown, where,
                fmt::format("has virtual functions that are not known: {}", gpu_.virtual_functions.why()),
                kRunAsRoot));
  if (const auto functions = used_otherwise(); !functions.empty())
    findings.push_back(finding(
        Verdict::Fail, where,
        fmt::format("is declared to have its virtual functions {}, and has not: {}",
                    slices_.use == GpuUse::Whole ? "for guests" : "with the host", addresses_text(functions)),
        kMakesItSo));
}

Plan DeclaredCut::functions() const {
  if (!slices_.vfs || (gpu_.sriov.absent() && *slices_.vfs == 0)) return {};
  if (gpu_.sriov && gpu_.sriov->vfs == *slices_.vfs) return {};
  Plan plan = plan_slice_create(host_, gpu_.address, *slices_.vfs);
  plan.notes.clear();  // What becomes of them is declared.
  return plan;
}

/// NVIDIA's tool for virtual functions takes the driver from the GPU meanwhile, which forgets instances then.
Plan DeclaredCut::groundwork(Surplus surplus) const {
  Plan plan = functions();
  if (plan.steps.empty() && differs_in_mig()) plan = plan_declared_mig(host_, gpu_, *slices_.mig, surplus);
  return plan;
}

bool DeclaredCut::knows_all_names() const {
  return std::ranges::none_of(known_, [](const Fact<KnownType>& known) { return known.unknown(); });
}

/// NVIDIA's driver tells the name of a type when there is room for it. What is certainly of another type, and
/// not declared, goes before.
Plan DeclaredCut::make_way_for_names(Surplus surplus) const {
  const Fact<std::vector<TypedSlice>> present = typed_slices(host_, gpu_);
  std::vector<DeviceId> others;
  bool certain = surplus == Surplus::Remove;
  for (const TypedSlice& slice : slice_changes(host_, present.value_or({}), types()).surplus) {
    others.push_back(slice.device);
    certain = certain && has_name(host_, gpu_, slice.type);
  }
  if (!certain || others.empty()) {
    const auto unknown = std::ranges::find_if(known_, [](const auto& known) { return known.unknown(); });
    refuse(kSliceVerb, gpu_.address.to_string(),
           fmt::format("whether it has {} is not known: {}",
                       types()[static_cast<std::size_t>(unknown - known_.begin())].type, unknown->why()),
           "name the type by its id: gpupass slices shows those that there are");
  }
  Plan plan = plan_slice_destroy(host_, others);
  plan.notes.push_back(
      fmt::format("what {} is cut into is planned when its driver tells the types that have room then",
                  gpu_.address.to_string()));
  return plan;
}

Plan DeclaredCut::rest(const BindOptions& options, Surplus surplus) const {
  if (!knows_all_names()) return make_way_for_names(surplus);
  Plan plan;
  if (slices_.types) plan = plan_typed_slices(host_, gpu_, types(), surplus);
  if (const auto functions = used_otherwise(); !functions.empty()) {
    const Host now = after(host_, plan);
    append(plan,
           slices_.use == GpuUse::Whole ? plan_bind(now, functions, options) : release_now(now, functions));
  }
  return plan;
}

}  // namespace gpupass
