// SPDX-License-Identifier: LGPL-2.1-or-later
// trace_table NODES.csv TASKS.csv [SECONDS]: packs the tasks of a published GPU cluster trace (Alibaba's
// cluster-trace-gpu-v2023) onto its hosts in four ways, and prints the table that gpupass-place(8) shows.
// gpupass searches for SECONDS, 5 by default.
//
// Taken from the trace: CPUs, memory and GPUs of each host; CPUs, memory and GPUs of each task that wants
// whole GPUs, CPUs rounded up. Assumed, as it does not tell: two NUMA nodes a host, half of the CPUs and the
// memory on each, GPUs split evenly; two threads a core, one last-level cache a node; no huge pages; at least
// 1 GiB for a task; tasks that never end.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "fragments.hpp"
#include "gpupass/policy.hpp"
#include "policy/place/problem.hpp"
#include "policy/place/taken.hpp"
#include "support/asked.hpp"
#include "values/sizes.hpp"

using namespace gpupass;

namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> fields(const std::string& line) {
  std::vector<std::string> all;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) all.push_back(field);
  return all;
}

std::vector<Row> table(const char* path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error(fmt::format("cannot read {}", path));
  std::string line;
  std::getline(in, line);
  const auto names = fields(line);
  std::vector<Row> rows;
  while (std::getline(in, line)) {
    const auto values = fields(line);
    Row row;
    for (std::size_t at = 0; at < std::min(names.size(), values.size()); ++at) row[names[at]] = values[at];
    rows.push_back(row);
  }
  return rows;
}

unsigned long number(const Row& row, const char* name) {
  return std::stoul(row.at(name));
}

PciFunction function(PciAddress address, std::uint32_t class_code, int node) {
  PciFunction result;
  result.address = address;
  result.class_code = class_code;
  result.driver = Absent{};
  result.driver_override = Absent{};
  result.iommu_group = std::uint32_t{address.bus};
  result.numa_node = node;
  result.parent = Absent{};
  result.root_bus = fmt::format("pci0000:{:02x}", address.bus);
  result.boot_vga = Absent{};
  result.sriov = Absent{};
  result.physical_function = Absent{};
  result.virtual_functions = std::vector<PciAddress>{};
  result.link = Absent{};
  result.reset_methods = Absent{};
  return result;
}

Host host_of(const Row& row) {
  Host host;
  host.architecture = std::string("x86_64");
  host.groups = std::vector<IommuGroup>{};
  const unsigned cores = static_cast<unsigned>(number(row, "cpu_milli") / 2000);
  const unsigned gpus = static_cast<unsigned>(number(row, "gpu"));
  CpuTopology cpus;
  std::vector<NumaNode> nodes(2);
  for (unsigned id = 0; id < 2; ++id) {
    nodes[id].id = id;
    nodes[id].free_bytes = number(row, "memory_mib") / 2 * kMiB;
    nodes[id].distances = id == 0 ? std::vector<unsigned>{10, 21} : std::vector<unsigned>{21, 10};
  }
  cpus.packages = {{0, {}}, {1, {}}};
  cpus.last_level_caches = {{3, kMiB, {}}, {3, kMiB, {}}};
  for (unsigned core = 0; core < cores; ++core) {
    const CpuSet threads{core, core + cores};
    const unsigned id = core < (cores + 1) / 2 ? 0 : 1;
    cpus.cores.push_back({threads});
    cpus.cpus |= threads;
    cpus.packages[id].cpus |= threads;
    cpus.last_level_caches[id].cpus |= threads;
    nodes[id].cpus = nodes[id].cpus.value_or({}) | threads;
  }
  host.cpus = cpus;
  host.numa_nodes = nodes;
  for (unsigned gpu = 0; gpu < gpus; ++gpu) {
    const PciAddress address{0, static_cast<std::uint8_t>(16 * (gpu + 1)), 0, 0};
    host.functions.push_back(function(address, 0x030200, gpu < (gpus + 1) / 2 ? 0 : 1));
    host.groups->push_back({address.bus, {address}, std::string("DMA"), {}});
  }
  ask_the_rest(host);
  return host;
}

Request request_of(const Row& row) {
  Request request;
  request.name = row.at("name");
  request.gpu_count = static_cast<unsigned>(number(row, "num_gpu"));
  request.vcpus = static_cast<unsigned>((number(row, "cpu_milli") + 999) / 1000);
  request.memory_bytes = std::max(number(row, "memory_mib"), 1024UL) * kMiB;
  return request;
}

struct Outcome {
  std::size_t refused = 0, gpus_refused = 0, hosts = 0, useless = 0, most_gpus = 0;
  double stranded = 0;
};

void count_left(const std::vector<FreeResources>& before,
                const std::function<const FreeResources&(std::size_t)>& after, const Demand& demand,
                Outcome& outcome) {
  for (std::size_t host = 0; host < before.size(); ++host) {
    if (after(host).gpus.size() != before[host].gpus.size()) ++outcome.hosts;
    outcome.useless += useless_gpus(after(host), demand);
    outcome.stranded += stranded_gpus(after(host), demand);
  }
}

/// One task after the other, as they come; each to the host of all that have room that is the best by
/// `order`: the lower, the better.
template <typename Order>
Outcome one_by_one(const std::vector<FreeResources>& all_resources, const std::vector<Guest>& guests,
                   const Order& order) {
  const Demand demand = demand_of(guests);
  Hosts hosts(all_resources, demand);
  Outcome outcome;
  for (const Guest& guest : guests) {
    std::optional<std::size_t> best;
    decltype(order(hosts, std::size_t{0}, guest)) least{};
    for (const std::size_t host : hosts.representatives()) {
      if (!hosts.stranding(host, guest)) continue;
      const auto place = order(hosts, host, guest);
      if (best && !(place < least)) continue;
      best = host;
      least = place;
    }
    if (best) {
      hosts.give(*best, guest);
    } else {
      ++outcome.refused;
      outcome.gpus_refused += guest.problem.gpus;
    }
  }
  count_left(
      all_resources, [&](std::size_t host) -> const FreeResources& { return hosts.resources(host); }, demand,
      outcome);
  return outcome;
}

std::size_t first_fit(const Hosts&, std::size_t, const Guest&) {
  return 0;
}

/// Fewest GPUs free, then fewest threads.
std::size_t best_fit(const Hosts& hosts, std::size_t host, const Guest&) {
  std::size_t threads = 0;
  for (const FreeNode& node : hosts.resources(host).nodes) threads += threads_of(node, kAnyKind);
  return hosts.resources(host).gpus.size() * 10000 + threads;
}

/// Fragmentation gradient descent: least added to what is stranded, on the average over all tasks.
std::pair<double, std::size_t> gradient(Hosts& hosts, std::size_t host, const Guest& guest) {
  return {*hosts.stranding(host, guest), hosts.resources(host).gpus.size()};
}

Outcome packed(const std::vector<Host>& hosts, const std::vector<Request>& requests,
               std::vector<FreeResources> all_resources, const std::vector<Guest>& guests, unsigned seconds) {
  const std::vector<FreeResources> before = all_resources;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  const Packing packing =
      pack(hosts, requests, [&](const PackingProgress&) { return std::chrono::steady_clock::now() < end; });
  Outcome outcome;
  outcome.most_gpus = packing.most_gpus;
  for (std::size_t at = 0; at < guests.size(); ++at) {
    if (const Packed& one = packing.guests[at]; one.host) {
      take(all_resources[*one.host], one.placement);
    } else {
      ++outcome.refused;
      outcome.gpus_refused += guests[at].problem.gpus;
    }
  }
  count_left(
      before, [&](std::size_t host) -> const FreeResources& { return all_resources[host]; },
      demand_of(guests), outcome);
  return outcome;
}

void print(const char* name, const Outcome& outcome) {
  fmt::print("{:<10} {:>8} {:>13} {:>11} {:>9} {:>9.1f}\n", name, outcome.refused, outcome.gpus_refused,
             outcome.hosts, outcome.useless, outcome.stranded);
}

void compare(const std::vector<Host>& hosts, const std::vector<Request>& requests, unsigned seconds) {
  std::vector<Problem> problems;
  for (const Request& request : requests) problems.push_back(problem_of(request, *request.gpu_count));
  std::vector<FreeResources> all_resources;
  for (const Host& host : hosts) all_resources.push_back(free_resources(host, Request{}));
  const std::vector<Guest> guests = guests_of(problems, all_resources, shapes_of(all_resources));
  std::size_t gpus = 0, wanted = 0;
  for (const FreeResources& resources : all_resources) gpus += resources.gpus.size();
  for (const Problem& problem : problems) wanted += problem.gpus;

  fmt::print("{} tasks for {} GPUs, {} hosts with {}\n", requests.size(), wanted, hosts.size(), gpus);
  fmt::print("{:<10} {:>8} {:>13} {:>11} {:>9} {:>9}\n", "", "refused", "GPUs refused", "hosts used",
             "useless", "stranded");
  print("first-fit", one_by_one(all_resources, guests, first_fit));
  print("best-fit", one_by_one(all_resources, guests, best_fit));
  print("FGD", one_by_one(all_resources, guests, gradient));
  const Outcome ours = packed(hosts, requests, all_resources, guests, seconds);
  print("gpupass", ours);
  fmt::print("no packing gives more than {} GPUs: {} are refused at least\n", ours.most_gpus,
             wanted - ours.most_gpus);
}

int run(const char* nodes, const char* tasks, unsigned seconds) {
  std::vector<Host> hosts;
  for (const Row& row : table(nodes)) hosts.push_back(host_of(row));
  std::vector<Request> requests;
  for (const Row& row : table(tasks))
    if (number(row, "num_gpu") > 0 && number(row, "gpu_milli") == 1000) requests.push_back(request_of(row));
  compare(hosts, requests, seconds);
  // The trace leaves GPUs over. With two of three hosts, and with half of them, there are too few.
  for (const std::size_t every : {3U, 2U}) {
    std::vector<Host> fewer;
    for (std::size_t at = 0; at < hosts.size(); ++at)
      if (at % every != 0) fewer.push_back(hosts[at]);
    compare(fewer, requests, seconds);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 3 || argc == 4)
      return run(argv[1], argv[2], argc == 4 ? static_cast<unsigned>(std::stoul(argv[3])) : 5);
    fmt::print(stderr, "usage: trace_table NODES.csv TASKS.csv [SECONDS]\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
  }
  return 2;
}
