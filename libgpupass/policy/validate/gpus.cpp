// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "policy/validate/rules.hpp"
#include "values/card.hpp"
#include "values/link.hpp"

namespace gpupass {

namespace {

using Outcome = MatchedGpu::Outcome;

/// One GPU that the guest shows.
struct ShownGpu {
  Validation& check;
  const MatchedGpu& gpu;
  std::string name = gpu.on_host->address.to_string();
  std::string there = gpu.in_guest->address.to_string();

  void add(const char* id, Verdict verdict, std::string message, std::string remedy = {}) const {
    check.add(id, verdict, name, std::move(message), std::move(remedy));
  }
};

void judge_node(const ShownGpu& shown) {
  const auto& [check, gpu, name, there] = shown;
  const Fact<int> told = nearest_numa_node(*check.machine, *gpu.in_guest);
  const auto& cell = gpu.promised.cell;
  const bool several = check.promise.cells.size() > 1;
  if (!cell && several)
    return shown.add(
        "guest.node", Verdict::Warn,
        fmt::format("{} is below no expander of a cell: {} cannot know which of its {} nodes it is near to",
                    name, check.domain.name, check.promise.cells.size()),
        fmt::format("gpupass xml --base with the definition of {} writes the expanders", check.domain.name));
  const unsigned expected = cell ? *cell : check.promise.cells.front().id;
  const bool on_none = !told && gpu.in_guest->numa_node.absent();  // Its kernel says -1.
  if (!told && !on_none)
    return shown.add("guest.node", Verdict::Unknown,
                     fmt::format("it is not known on which node the guest sees {}: {}", name, told.why()));
  if (on_none || *told != static_cast<int>(expected)) {
    const std::string node = on_none ? std::string("on no node") : fmt::format("on node {}", *told);
    return shown.add(
        "guest.node", Verdict::Fail,
        fmt::format("{} is {} of the guest, expected node {}: its programs would use memory "
                    "that is far from the GPU",
                    name, node, expected),
        "start the guest anew; if it stays so, its firmware or its kernel (numa=off) hides nodes");
  }
  const Fact<int> home = nearest_numa_node(check.host, *gpu.on_host);
  const auto& memory = gpu.promised.memory_nodes;
  if (home && *home >= 0 && memory && !memory->contains(static_cast<unsigned>(*home)))
    return shown.add("guest.node", Verdict::Fail,
                     fmt::format("{} is on node {} of the guest as defined, but the memory of that node is "
                                 "from node {} of the host, and the GPU is on node {}",
                                 name, expected, memory->to_string(), *home),
                     fmt::format("gpupass check --domain {} says more; gpupass xml --base writes it anew",
                                 check.domain.name));
  shown.add("guest.node", Verdict::Pass, fmt::format("{} is on node {} of the guest", name, expected));
}

void judge_link(const ShownGpu& shown) {
  const auto& [check, gpu, name, there] = shown;
  if (is_virtual(*gpu.on_host)) return;  // Its link is that of the physical function.
  const Fact<PciLink>& told = gpu.in_guest->link;
  const Fact<PciLink>& now = gpu.on_host->link;
  const Fact<PciLink> best = path_link(check.host, *gpu.on_host);
  if (!told || told->width == 0)
    return shown.add("guest.link", Verdict::Unknown,
                     fmt::format("the guest does not tell the link of {}{}{}", name,
                                 told.unknown() ? ": " : "", told.why()),
                     told.absent() ? "a GPU that is not below a root port has no link in the guest" : "");
  if (!best || best->max_width == 0)
    return shown.add("guest.link", Verdict::Unknown,
                     fmt::format("the link of {} on the host is not known{}{}", name,
                                 best.unknown() ? ": " : "", best.why()));
  if (now && now->width > 0 && told->width < now->width)
    return shown.add("guest.link", Verdict::Fail,
                     fmt::format("the link of {} has {} lanes in the guest, and {} on the host", name,
                                 told->width, now->width),
                     "dmesg of guest and host tell of errors; reset the GPU by a new start of the guest");
  if (told->width < best->max_width || (told->max_speed_gts > 0 && told->max_speed_gts < best->max_speed_gts))
    return shown.add("guest.link", Verdict::Warn,
                     fmt::format("the link of {} is {} in the guest, and card and slot can {}", name,
                                 link_now_of_best(told), link_best(best)),
                     fmt::format("gpupass check {} says what is wrong on the host", name));
  shown.add("guest.link", Verdict::Pass,
            fmt::format("the link of {} is {} in the guest, as on the host", name, link_best(best)));
}

/// The memory of the card that has no addresses in the guest: "BAR 1".
std::vector<std::string> without_addresses(const MatchedGpu& gpu) {
  std::vector<std::string> names;
  const auto assigned = [&](unsigned index) {
    return std::ranges::any_of(*gpu.in_guest->bars,
                               [&](const Bar& bar) { return bar.index == index && bar.start != 0; });
  };
  constexpr unsigned kRom = 6;
  const std::vector<Bar>& wanted = gpu.on_host->bars ? *gpu.on_host->bars : *gpu.in_guest->bars;
  for (const Bar& bar : wanted)
    if (bar.memory && bar.index < kRom && !assigned(bar.index))
      names.push_back(fmt::format("BAR {}", bar.index));
  return names;
}

void judge_bars(const ShownGpu& shown) {
  const auto& [check, gpu, name, there] = shown;
  if (!gpu.in_guest->bars)
    return shown.add(
        "guest.bars", Verdict::Unknown,
        fmt::format("the guest does not tell the addresses of {}: {}", name, gpu.in_guest->bars.why()));
  const std::vector<std::string> missing = without_addresses(gpu);
  if (missing.empty())
    return shown.add("guest.bars", Verdict::Pass,
                     fmt::format("the memory of {} has its addresses in the guest", name));
  shown.add(
      "guest.bars", Verdict::Fail,
      fmt::format("{} of {} has no addresses in the guest: no driver can use it", fmt::join(missing, " and "),
                  name),
      fmt::format("gpupass check --domain {} tells whether its window is too small", check.domain.name));
}

/// What NVIDIA's own program says of a GPU that NVIDIA's driver has.
void judge_nvidia(const ShownGpu& shown) {
  const auto& [check, gpu, name, there] = shown;
  const auto& gpus = check.guest.nvidia_gpus;
  if (gpus.unknown())
    return shown.add(
        "guest.driver", Verdict::Unknown,
        fmt::format("nvidia has {} in the guest, and nvidia-smi does not tell whether it works: {}", name,
                    gpus.why()),
        "run nvidia-smi in the guest");
  if (!gpus) return shown.add("guest.driver", Verdict::Pass, fmt::format("nvidia has {} in the guest", name));
  const auto row = std::ranges::find(*gpus, gpu.in_guest->address, &NvidiaGpu::address);
  if (row == gpus->end())
    return shown.add("guest.driver", Verdict::Fail,
                     fmt::format("nvidia has {} in the guest, but nvidia-smi does not list it", name),
                     "dmesg in the guest says why NVIDIA's driver could not start it");
  shown.add("guest.driver", Verdict::Pass,
            fmt::format("nvidia {} has {} in the guest", row->driver_version, name));
}

void judge_driver(const ShownGpu& shown) {
  const auto& [check, gpu, name, there] = shown;
  const Fact<std::string>& driver = gpu.in_guest->driver;
  if (driver.absent())
    return shown.add("guest.driver", Verdict::Fail, fmt::format("no driver of the guest has {}", name),
                     "install its driver in the guest; if it is there, dmesg in the guest says why not");
  if (!driver)
    return shown.add("guest.driver", Verdict::Unknown,
                     fmt::format("the guest does not tell which driver has {}: {}", name, driver.why()));
  if (*driver == "nvidia") return judge_nvidia(shown);
  shown.add("guest.driver", Verdict::Pass, fmt::format("{} has {} in the guest", *driver, name));
}

void judge_shown(const ShownGpu& shown) {
  shown.add("guest.gpu", Verdict::Pass, fmt::format("{} is {} in the guest", shown.name, shown.there));
  judge_node(shown);
  judge_link(shown);
  judge_bars(shown);
  judge_driver(shown);
}

void judge_absent(Validation& check, const MatchedGpu& gpu, const std::string& name) {
  const auto& place = gpu.promised.place;
  const std::string where = place ? fmt::format(" at {}", to_string(*place)) : "";
  if (gpu.outcome == Outcome::Unclear)
    return check.add("guest.gpu", Verdict::Unknown, name,
                     fmt::format("it is not known whether the guest sees {}: {}", name, gpu.why));
  check.add("guest.gpu", Verdict::Fail, name,
            fmt::format("the guest does not see {}{}: {}", name, where, gpu.why),
            "dmesg in the guest says whether it has vanished; stop the guest and start it anew");
}

/// Everything of it is unknown, for one reason.
void judge_untold(Validation& check, const std::string& name) {
  constexpr std::pair<const char*, const char*> kUntold[] = {{"guest.gpu", "whether it sees"},
                                                             {"guest.node", "the node of"},
                                                             {"guest.link", "the link of"},
                                                             {"guest.bars", "the addresses of"},
                                                             {"guest.driver", "which driver has"}};
  for (const auto& [id, what] : kUntold)
    check.add(id, Verdict::Unknown, name,
              fmt::format("the guest does not tell {} {}: {}", what, name, check.machine.why()));
}

}  // namespace

void validate_gpus(Validation& check) {
  for (const MatchedGpu& gpu : check.gpus) {
    const std::string name = gpu.promised.device.to_string();
    if (!check.machine)
      judge_untold(check, name);
    else if (gpu.in_guest)
      judge_shown({check, gpu});
    else
      judge_absent(check, gpu, name);
  }
  if (check.gpus.empty())
    check.add("guest.gpu", Verdict::Pass, check.domain.name,
              fmt::format("the definition of {} has no GPU of this host", check.domain.name));
}

}  // namespace gpupass
