// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policy/place/guests.hpp"

/// GPUs that are free and yet of no use, and hosts on which guests are placed one after the other.
namespace gpupass {

/// How many of the free GPUs guests of one kind could use, if nothing else came. An estimate: it counts, and
/// does not place.
std::size_t usable_gpus(const FreeResources& resources, const Problem& kind);

/// Kinds of guests, each with how often it is asked for.
using Demand = std::vector<std::pair<Problem, std::size_t>>;
Demand demand_of(const std::vector<Guest>& guests);

/// Free GPUs that a guest could not use, on the average over what is asked for.
double stranded_gpus(const FreeResources& resources, const Demand& demand);
/// Free GPUs that no guest of any kind could use.
std::size_t useless_gpus(const FreeResources& resources, const Demand& demand);

/// Hosts by their shape, so that a thousand equal ones are looked at once.
class Hosts {
 public:
  Hosts(std::vector<FreeResources> all_resources, Demand demand);

  const FreeResources& resources(std::size_t host) const { return all_resources_[host]; }
  /// The lowest host of each shape.
  std::vector<std::size_t> representatives() const;
  /// By how much a guest there would add to what is stranded; nullopt: it does not fit. Remembered for the
  /// shape.
  std::optional<double> stranding(std::size_t host, const Guest& guest);
  void give(std::size_t host, const Guest& guest);

 private:
  std::vector<FreeResources> all_resources_;
  std::vector<std::string> shapes_;
  std::map<std::string, std::set<std::size_t>> hosts_;
  Demand demand_;
  std::map<std::pair<std::string, std::size_t>, std::optional<double>> known_;
};

}  // namespace gpupass
