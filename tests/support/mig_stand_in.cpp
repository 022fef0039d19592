// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/mig_stand_in.hpp"

#include <algorithm>
#include <istream>
#include <ostream>
#include <set>
#include <stdexcept>

namespace gpupass {

namespace {

using Profiles = std::vector<MigStandIn::Profile>;

/// A100 and its successors: eight units of memory, seven slices.
Profiles server_profiles() {
  const std::vector<unsigned> any = {0, 1, 2, 3, 4, 5, 6};
  return {{0x0, 19, 1, 1, any, 7},         {0x1, 14, 2, 2, {0, 2, 4}, 3}, {0x2, 9, 3, 4, {0, 4}, 2},
          {0x3, 5, 4, 4, {0}, 1},          {0x4, 0, 7, 8, {0}, 1},        {0x7, 20, 1, 1, any, 1, true},
          {0x9, 15, 1, 2, {0, 2, 4, 6}, 4}};
}

Profiles a30_profiles() {
  const std::vector<unsigned> any = {0, 1, 2, 3};
  return {{0x0, 14, 1, 1, any, 4},
          {0x1, 5, 2, 2, {0, 2}, 2},
          {0x3, 0, 4, 4, {0}, 1},
          {0x7, 21, 1, 1, any, 1, true},
          {0x8, 6, 2, 2, {0, 2}, 1, true}};
}

/// RTX PRO 6000 Blackwell: twelve units of memory, four slices.
Profiles workstation_profiles() {
  const std::vector<unsigned> quarters = {0, 3, 6, 9}, halves = {0, 6};
  return {{0x0, 14, 1, 3, quarters, 4},       {0x1, 5, 2, 6, halves, 2},        {0x3, 0, 4, 12, {0}, 1},
          {0x7, 21, 1, 3, quarters, 1, true}, {0xa, 47, 1, 3, quarters, 4},     {0xb, 35, 2, 6, halves, 2},
          {0xc, 32, 4, 12, {0}, 1},           {0xd, 67, 1, 3, quarters, 4},     {0xe, 66, 2, 6, halves, 2},
          {0xf, 65, 1, 3, quarters, 1, true}, {0x10, 64, 2, 6, halves, 1, true}};
}

bool overlap(unsigned start, unsigned size, unsigned other_start, unsigned other_size) {
  return start < other_start + other_size && other_start < start + size;
}

template <typename T>
unsigned free_id(const std::vector<T>& taken) {
  unsigned id = 0;
  while (std::ranges::find(taken, id, &T::id) != taken.end()) ++id;
  return id;
}

}  // namespace

MigStandIn::MigStandIn(const std::string& card) : card_(card), slices_(7) {
  const std::set<std::string> server = {"A100 40GB", "A100 80GB", "H100 80GB",   "H100 NVL",
                                        "H100 96GB", "H200",      "GH200 144GB", "B200",
                                        "GB200",     "B300",      "GB300"};
  if (card == "A30") {
    profiles_ = a30_profiles();
    slices_ = 4;
  } else if (card == "RTX PRO 6000") {
    profiles_ = workstation_profiles();
    slices_ = 4;
  } else if (server.contains(card)) {
    profiles_ = server_profiles();
  } else {
    throw std::invalid_argument("no such card: " + card);
  }
}

MigStandIn MigStandIn::read(std::istream& text) {
  std::string card;
  std::getline(text, card);
  MigStandIn driver(card);
  for (std::string word; text >> word;)
    if (word == "enabled") {
      driver.enabled_ = driver.pending_ = true;
    } else if (word == "pending") {
      text >> driver.pending_;
    } else if (word == "busy") {
      driver.busy_ = true;
    } else if (word == "waits") {
      driver.waits_ = true;
    } else if (word == "fails-after") {
      text >> driver.fails_after_;
    } else if (word == "instance") {
      Instance instance;
      text >> instance.id >> instance.profile_id >> instance.start >> instance.size;
      driver.instances_.push_back(instance);
    } else if (word == "compute") {
      Compute compute;
      text >> compute.id >> compute.start >> compute.size;
      driver.instances_.back().compute.push_back(compute);
    }
  return driver;
}

void MigStandIn::print(std::ostream& text) const {
  text << card_ << '\n';
  if (enabled_) text << "enabled\n";
  if (pending_ != enabled_) text << "pending " << pending_ << '\n';
  if (busy_) text << "busy\n";
  if (waits_) text << "waits\n";
  if (fails_after_ > 0) text << "fails-after " << fails_after_ << '\n';
  for (const Instance& each : instances_) {
    text << "instance " << each.id << ' ' << each.profile_id << ' ' << each.start << ' ' << each.size << '\n';
    for (const Compute& part : each.compute)
      text << "compute " << part.id << ' ' << part.start << ' ' << part.size << '\n';
  }
}

const MigStandIn::Profile* MigStandIn::find_profile(unsigned id) const {
  const auto found = std::ranges::find(profiles_, id, &Profile::id);
  return found == profiles_.end() ? nullptr : &*found;
}

const MigStandIn::Instance* MigStandIn::find(unsigned id) const {
  const auto found = std::ranges::find(instances_, id, &Instance::id);
  return found == instances_.end() ? nullptr : &*found;
}

MigStandIn::Instance* MigStandIn::find_mutable(unsigned id) {
  return const_cast<Instance*>(find(id));
}

bool MigStandIn::fails() {
  return fails_after_ > 0 && --fails_after_ == 0;
}

MigStandIn::Result MigStandIn::set_mode(bool on) {
  if (fails()) return Result::Unknown;
  pending_ = on;
  if (enabled_ == on) return Result::Success;
  if (busy_ || !instances_.empty()) return Result::InUse;
  if (waits_) return Result::ResetRequired;
  enabled_ = on;
  return Result::Success;
}

MigStandIn::Result MigStandIn::create(unsigned profile_id, unsigned start, unsigned size, unsigned& id) {
  if (!enabled_) return Result::NotSupported;
  const Profile* profile = find_profile(profile_id);
  if (!profile || profile->size != size || std::ranges::find(profile->starts, start) == profile->starts.end())
    return Result::InvalidArgument;
  unsigned slices = profile->slices, same = 0, media = profile->media ? 1 : 0;
  for (const Instance& each : instances_) {
    const Profile& other = *find_profile(each.profile_id);
    if (overlap(start, size, each.start, each.size)) return Result::InsufficientResources;
    slices += other.slices;
    same += each.profile_id == profile_id ? 1 : 0;
    media += other.media ? 1 : 0;
  }
  if (slices > slices_ || same >= profile->most || (profile->media && media > 1))
    return Result::InsufficientResources;
  if (fails()) return Result::Unknown;
  id = free_id(instances_);
  instances_.push_back({id, profile_id, start, size});
  return Result::Success;
}

/// Its compute instances go first.
MigStandIn::Result MigStandIn::destroy(unsigned id) {
  const Instance* instance = find(id);
  if (!instance) return Result::NotFound;
  if (busy_ || !instance->compute.empty()) return Result::InUse;
  if (fails()) return Result::Unknown;
  std::erase_if(instances_, [&](const Instance& each) { return each.id == id; });
  return Result::Success;
}

MigStandIn::Result MigStandIn::create_compute(unsigned instance, unsigned start, unsigned size,
                                              unsigned& id) {
  Instance* parent = find_mutable(instance);
  if (!parent) return Result::NotFound;
  if (size == 0 || start + size > find_profile(parent->profile_id)->slices) return Result::InvalidArgument;
  for (const Compute& each : parent->compute)
    if (overlap(start, size, each.start, each.size)) return Result::InsufficientResources;
  if (fails()) return Result::Unknown;
  id = free_id(parent->compute);
  parent->compute.push_back({id, start, size});
  return Result::Success;
}

MigStandIn::Result MigStandIn::destroy_compute(unsigned instance, unsigned id) {
  Instance* parent = find_mutable(instance);
  if (!parent) return Result::NotFound;
  if (busy_) return Result::InUse;
  if (fails()) return Result::Unknown;
  const auto gone = std::erase_if(parent->compute, [&](const Compute& each) { return each.id == id; });
  return gone == 1 ? Result::Success : Result::NotFound;
}

}  // namespace gpupass
