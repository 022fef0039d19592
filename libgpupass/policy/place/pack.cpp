// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "gpupass/policy.hpp"
#include "policy/place/packer.hpp"
#include "policy/place/problem.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// Without somebody who ends the search; beside the three times that each guest is put somewhere.
constexpr std::size_t kRounds = 10000;

/// Many guests ask for GPUs by number: a name would mean another device on each host.
Problem problem_of_many(const Request& request) {
  check_request(request);
  if (!request.gpus.empty() || !request.devices.empty())
    throw Error(ErrorCode::Usage, request.name,
                fmt::format("cannot place {} among others: saw devices by name, expected a number of GPUs",
                            request.name));
  return problem_of(request, request.gpu_count.value_or(1));
}

std::vector<Problem> problems_of(const std::vector<Request>& requests) {
  std::vector<Problem> problems;
  std::ranges::transform(requests, std::back_inserter(problems), problem_of_many);
  return problems;
}

/// All together may reserve CPUs; what one of them keeps for the host no other takes.
std::vector<FreeResources> all_free_resources(const std::vector<Host>& hosts,
                                              const std::vector<Request>& requests) {
  Request any;
  any.name.clear();  // No guest of the hosts is one of them.
  for (const Request& request : requests) any.reserved_cpus |= request.reserved_cpus;
  std::vector<FreeResources> all_resources;
  for (const Host& host : hosts) all_resources.push_back(free_resources(host, any));
  return all_resources;
}

/// "; in the IOMMU group of ...": GPUs that are free and yet of no use.
std::string held_back(const Fleet& fleet) {
  std::string text;
  for (std::size_t host = 0; host < fleet.size(); ++host)
    if (const auto& mates = fleet.at(host).left->mates_of_taken; !mates.empty())
      append_once(text, addresses_text(mates), ", ");
  return text.empty()
             ? ""
             : fmt::format("; in the IOMMU group of a GPU that is taken, and so with its guest: {}", text);
}

std::vector<Packed> packed_on(const Fleet& fleet, const std::vector<Guest>& guests, bool tried_all) {
  const std::string refusal = tried_all
                                  ? "none of the hosts has room for it beside the others" + held_back(fleet)
                                  : "the search was ended before a place for it was found";
  std::vector<Packed> all;
  for (const Guest& guest : guests)
    all.push_back({{}, {}, guest.possible ? refusal : "none of the hosts has room for it, even alone"});
  for (std::size_t host = 0; host < fleet.size(); ++host)
    for (const auto& [guest, placement] : fleet.at(host).placed) all[guest] = {host, *placement, {}};
  return all;
}

}  // namespace

Packing pack(const std::vector<Host>& hosts, const std::vector<Request>& requests,
             const std::function<bool(const PackingProgress&)>& go_on) {
  const std::vector<FreeResources> all_resources = all_free_resources(hosts, requests);
  const std::vector<std::size_t> shapes = shapes_of(all_resources);
  const std::vector<Guest> guests = guests_of(problems_of(requests), all_resources, shapes);
  const Score most = most_packed(all_resources, guests);
  std::size_t steps = 3 * guests.size() + kRounds;
  const auto may_go_on = [&](const Score& score) {
    return go_on ? go_on({score.guests, score.gpus, most.gpus}) : steps-- > 0;
  };
  Packer packer(Fleet(all_resources, shapes, guests), guests, most, may_go_on);
  const Fleet& best = packer.run();
  return {packed_on(best, guests, packer.tried_all()), best.score().gpus, most.gpus, most.guests};
}

}  // namespace gpupass
