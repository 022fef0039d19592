// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/render.hpp"
#include "policy/asked.hpp"
#include "policy/validate/rules.hpp"
#include "values/numa.hpp"

namespace gpupass {

namespace {

constexpr const char* kChannel =
    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>";

std::string remedy_without_agent(const Validation& check) {
  const std::string& name = check.domain.name;
  if (!check.domain.active) return fmt::format("virsh start {}", name);
  switch (check.promise.agent) {
    case AgentChannel::Missing:
      return fmt::format("add {} to the devices of {}, and install qemu-guest-agent in it", kChannel, name);
    case AgentChannel::Disconnected:
      return "install qemu-guest-agent in the guest, and start it";
    case AgentChannel::Connected:
    case AgentChannel::Unknown:
      break;
  }
  return fmt::format("virsh qemu-agent-command {} '{{\"execute\":\"guest-ping\"}}' tells whether it answers",
                     name);
}

/// Empty: the guest sees the cell as it is.
std::string cell_difference(const GuestCell& cell, const NumaNode* node) {
  if (!node) return fmt::format("it has no node {}", cell.id);
  const CpuSet& cpus = *node->cpus;
  if (cpus == cell.vcpus) return {};
  if (cell.vcpus.contains(cpus))
    return fmt::format("its node {} has {} of the {} vCPUs {}", cell.id, cpus.size(), cell.vcpus.size(),
                       cell.vcpus.to_string());
  return fmt::format("its node {} has the CPUs {}, and the definition gives it the vCPUs {}", cell.id,
                     cpus.to_string(), cell.vcpus.to_string());
}

bool all_cpus_known(const std::vector<NumaNode>& nodes) {
  return std::ranges::all_of(nodes, [](const NumaNode& node) { return node.cpus.known(); });
}

}  // namespace

Validation::Validation(const Host& host_, const Domain& domain_, const GuestFacts& guest_)
    : host(host_),
      domain(domain_),
      guest(guest_),
      promise(promise_of(domain_.active ? domain_.live_xml : domain_.persistent_xml)),
      machine(domain_.active ? guest_.machine : Fact<Host>(Unknown{"it does not run"})) {
  if (!machine && !machine.unknown()) machine = Unknown{"it was not asked"};
  gpus = machine ? match_gpus(host, promise, *machine) : promised_gpus(host, promise);
}

const Domain& domain_to_validate(const Host& host, const std::string& name) {
  expect_asked(host, needs(Verb::Validate), "validate", name);
  if (!host.domains)
    throw Error(ErrorCode::Unavailable, name,
                fmt::format("cannot validate {}: the guests are not known: {}", name,
                            host.domains.absent() ? "libvirt is not there" : host.domains.why()));
  if (const Domain* domain = find_domain(host, name)) return *domain;
  throw Error(ErrorCode::NotFound, name, fmt::format("cannot validate {}: there is no such domain", name),
              "virsh list --all shows them");
}

void validate_agent(Validation& check) {
  const std::string& name = check.domain.name;
  const Fact<bool>& runs = check.guest.runs_programs;
  if (!check.domain.active || !runs)
    return check.add("guest.agent", Verdict::Unknown, name,
                     fmt::format("{} tells nothing of itself: {}", name,
                                 check.domain.active ? runs.why() : "it does not run"),
                     remedy_without_agent(check));
  if (!*runs)
    return check.add("guest.agent", Verdict::Unknown, name,
                     fmt::format("the agent in {} may not run programs, by which gpupass reads", name),
                     "in the guest take guest-exec and guest-exec-status out of BLOCK_RPCS, or add them to "
                     "allow-rpcs (/etc/sysconfig/qemu-ga, /etc/qemu/qemu-ga.conf), and restart its agent");
  if (!check.machine)
    return check.add("guest.agent", Verdict::Unknown, name,
                     fmt::format("{} does not tell its devices: {}", name, check.machine.why()));
  check.add("guest.agent", Verdict::Pass, name,
            fmt::format("the agent in {} tells what it has: {}", name,
                        check.guest.system.value_or("its system is unknown")));
}

void validate_cells(Validation& check) {
  const std::string& name = check.domain.name;
  const auto add = [&](Verdict verdict, const std::string& what, const char* remedy = "") {
    check.add("guest.cells", verdict, name, what, remedy);
  };
  if (!check.machine)
    return add(Verdict::Unknown,
               fmt::format("{} does not tell its NUMA nodes: {}", name, check.machine.why()));
  const auto& nodes = check.machine->numa_nodes;
  if (!nodes || !all_cpus_known(*nodes))
    return add(Verdict::Unknown, fmt::format("{} does not tell its NUMA nodes{}{}", name,
                                             nodes.unknown() ? ": " : "", nodes.why()));
  if (nodes->empty())  // Its kernel knows no NUMA.
    return check.promise.cells.size() == 1
               ? add(Verdict::Pass, fmt::format("{} is one node, as its definition says", name))
               : add(Verdict::Fail,
                     fmt::format("the kernel of {} knows no NUMA, and its definition has {} cells", name,
                                 check.promise.cells.size()),
                     "start the guest without numa=off, with a kernel that knows NUMA");
  bool good = true;
  for (const GuestCell& cell : check.promise.cells) {
    const NumaNode* node = find_node(*check.machine, cell.id);
    const std::string what = cell_difference(cell, node);
    if (what.empty()) continue;
    good = false;
    add(node ? Verdict::Warn : Verdict::Fail,
        fmt::format("{} does not see cell {} as it is defined: {}", name, cell.id, what),
        "look at offline CPUs, and at numa= and maxcpus= on the command line of the guest's kernel");
  }
  if (good)
    add(Verdict::Pass, fmt::format("{} sees its {} and their CPUs as its definition has them", name,
                                   check.promise.cells.size() == 1
                                       ? "NUMA node"
                                       : fmt::format("{} NUMA nodes", check.promise.cells.size())));
}

void validate_log(Validation& check) {
  const std::string& name = check.domain.name;
  const auto& errors = check.guest.errors;
  if (!check.domain.active || !errors)
    return check.add("guest.kernel-log", Verdict::Unknown, name,
                     fmt::format("the log of the kernel of {} is not known: {}", name,
                                 check.domain.active ? errors.why() : "it does not run"));
  if (errors->empty())
    return check.add("guest.kernel-log", Verdict::Pass, name,
                     fmt::format("the kernel of {} has logged no errors of PCI devices", name));
  check.add("guest.kernel-log", Verdict::Warn, name,
            fmt::format("the kernel of {} has logged errors of PCI devices, the last: {}", name,
                        printable(errors->back())),
            "dmesg in the guest has all of them; NVIDIA's documentation says what each Xid means");
}

std::vector<Finding> validate(const Host& host, const std::string& domain, const GuestFacts& guest,
                              const std::optional<Baseline>& baseline) {
  Validation check(host, domain_to_validate(host, domain), guest);
  validate_agent(check);
  validate_cells(check);
  validate_gpus(check);
  validate_log(check);
  validate_bandwidths(check, baseline);
  if (baseline) validate_baseline(check, *baseline);
  return std::move(check.findings);
}

Baseline seen_in_guest(const Host& host, const std::string& domain, const GuestFacts& guest) {
  return seen_by(Validation(host, domain_to_validate(host, domain), guest));
}

}  // namespace gpupass
