// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "gpupass/guest.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/seed.hpp"
#include "policy/refuse.hpp"
#include "values/shell_word.hpp"

namespace gpupass {

namespace {

/// Two running guests would destroy what is on it.
void refuse_disks_of_others(const Host& host, const DefineRequest& request) {
  const std::vector<std::string> own = writable_disks(request.xml);
  for (const Domain& other : host.domains.value_or({}))
    for (const std::string* xml : {&other.persistent_xml, &other.live_xml}) {
      if (xml->empty()) continue;
      for (const std::string& disk : writable_disks(*xml))
        if (std::ranges::find(own, disk) != own.end())
          refuse("run", request.name, fmt::format("{} is a disk of guest {}", disk, other.name),
                 "give the new guest a copy of it");
    }
}

void add_seed(Plan& plan, const std::string& name, const std::string& user_data) {
  const std::string path = seed_path(name);
  plan.steps.push_back({"write " + path, "cloud-init configures the guest from it at its first boot",
                        SetSeed{name, user_data, true}, SetSeed{name, user_data, false}});
  plan.notes.push_back(
      fmt::format("{} has the data for cloud-init, for root and QEMU alone; gpupass undo removes it", path));
}

}  // namespace

Plan plan_run(const Host& host, const DefineRequest& request, const std::string& user_data) {
  refuse_disks_of_others(host, request);
  DefineRequest started = request;
  started.existing = std::nullopt;
  started.start = Start::Yes;
  Plan plan;
  // First, because nothing else fails as cheaply.
  if (!user_data.empty()) add_seed(plan, request.name, user_data);
  append(plan, plan_define(host, started));
  const std::string word = shell_word(request.name);
  plan.notes.push_back(fmt::format("virsh console {} opens the guest's serial console", word));
  if (request.xml.find("<graphics ") != request.xml.npos)
    plan.notes.push_back(fmt::format("virsh domdisplay {} tells where its display is", word));
  return plan;
}

}  // namespace gpupass
