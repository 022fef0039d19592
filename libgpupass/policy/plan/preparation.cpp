// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan/preparation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "codec/preparation_files.hpp"
#include "gpupass/units.hpp"
#include "policy/guard/kernel_option.hpp"
#include "policy/plan/file_step.hpp"
#include "policy/prepare/preparation.hpp"
#include "policy/refuse.hpp"
#include "values/huge_pages.hpp"
#include "values/numa.hpp"
#include "values/own_files.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

std::uint64_t count_in(const std::vector<NodePages>& pages, const NodePages& pool) {
  for (const NodePages& one : pages)
    if (same_pool(one, pool)) return one.count;
  return 0;
}

/// The way from one preparation of a host to another.
class Preparing {
 public:
  Preparing(const Host& host, const Preparation& before, const Preparation& wanted)
      : host_(host), before_(before), wanted_(wanted) {}

  Plan plan(PagesNow now);

 private:
  void set_kernel_options();
  void set_modules();
  void set_pages_at_boot();
  void set_pages_now();
  void set_pool(const NumaNode& node, const HugePages& pool);
  void tell_of_boot();

  const Host& host_;
  const Preparation& before_;
  const Preparation& wanted_;
  Plan plan_;
};

/// Where gpupass does not write the options, the user is told how to.
void Preparing::set_kernel_options() {
  if (!writes_kernel_options(host_)) {
    for (const std::string& option : without_those_of_kernel(host_, wanted_.kernel_options))
      plan_.notes.push_back("to be done by hand: " + boot_with(host_, option));
    return;
  }
  if (before_.kernel_options == wanted_.kernel_options) return;
  plan_.assumes.push_back({Assumption::Kind::Attribute, std::string(kGrubFile),
                           to_grub_file(before_.kernel_options).value_or("")});
  const SetKernelOptions change{wanted_.kernel_options};
  plan_.steps.push_back({change.options.empty()
                             ? "take gpupass's options off the kernel's command line"
                             : fmt::format("boot with {} from now on", fmt::join(change.options, " ")),
                         fmt::format("update-grub reads {}, behind the files of the user", kGrubFile), change,
                         SetKernelOptions{before_.kernel_options}});
}

void Preparing::set_modules() {
  if (before_.modules == wanted_.modules) return;
  add_file_step(plan_,
                wanted_.modules.empty() ? "load no module at boot for gpupass"
                                        : fmt::format("load {} at boot", fmt::join(wanted_.modules, ", ")),
                wanted_.modules.empty() ? kAskedFor : "it is there before the first guest starts",
                std::string(kModulesFile), to_modules_file(before_.modules),
                to_modules_file(wanted_.modules));
}

void Preparing::set_pages_at_boot() {
  if (before_.pages == wanted_.pages) return;
  std::vector<std::string> words;
  for (const NodePages& pages : wanted_.pages) words.push_back(in_words(pages));
  add_file_step(plan_,
                words.empty() ? "reserve no huge pages at boot for gpupass"
                              : fmt::format("reserve {} at boot", fmt::join(words, ", ")),
                words.empty() ? kAskedFor : "guests have their memory on the nodes of their GPUs",
                std::string(kPagesFile), to_pages_file(before_.pages), to_pages_file(wanted_.pages));
}

/// Up to what is wanted now; or down by what is no longer wanted, as far as nobody uses it.
void Preparing::set_pool(const NumaNode& node, const HugePages& pool) {
  NodePages to{node.id, pool.page_size_bytes, pool.total};
  const std::uint64_t before = count_in(before_.pages, to), wanted = count_in(wanted_.pages, to);
  if (pool.total < wanted)
    to.count = wanted;
  else if (wanted < before)
    to.count = pool.total - std::min({pool.free, before - wanted, pool.total - wanted});
  if (to.count == pool.total) return;
  const std::uint64_t more = to.count > pool.total ? to.count - pool.total : 0;
  if (node.free_bytes && *node.free_bytes / pool.page_size_bytes < more) {
    plan_.notes.push_back(
        fmt::format("node {} has {} MiB free, too few for {} more huge pages of {} now: the "
                    "next boot reserves them",
                    node.id, *node.free_bytes >> 20, more, format_size(pool.page_size_bytes)));
    return;
  }
  const std::string path = pool_path(to);
  plan_.assumes.push_back({Assumption::Kind::Attribute, path, fmt::to_string(pool.total)});
  plan_.steps.push_back({"now " + in_words(to), "guests need them before the next boot", SetHugePages{to},
                         SetHugePages{{node.id, pool.page_size_bytes, pool.total}}});
  if (more == 0) plan_.steps.back().reason = "nothing needs the others";
}

void Preparing::set_pages_now() {
  for (const NumaNode& node : host_.numa_nodes.value_or({}))
    for (const HugePages& pool : node.huge_pages) set_pool(node, pool);
}

void Preparing::tell_of_boot() {
  Preparation ours = wanted_;
  if (!writes_kernel_options(host_)) ours.kernel_options.clear();
  const std::vector<std::string> missing = not_in_effect(after(host_, plan_), ours);
  if (!missing.empty())
    plan_.notes.push_back(fmt::format("reboot the host: {}", fmt::join(missing, "; ")));
  else if (std::ranges::any_of(before_.kernel_options, [&](const std::string& option) {
             return std::ranges::find(ours.kernel_options, option) == ours.kernel_options.end();
           }))
    plan_.notes.push_back("reboot the host: the kernel keeps its options until then");
}

Plan Preparing::plan(PagesNow now) {
  set_kernel_options();
  set_modules();
  set_pages_at_boot();
  if (now == PagesNow::Reserve) set_pages_now();
  tell_of_boot();
  return std::move(plan_);
}

}  // namespace

Preparation known_preparation(const Host& host, const std::string& verb) {
  const Fact<Preparation> preparation = preparation_of(host);
  if (!preparation)
    refuse(verb, "the host", fmt::format("what every boot does is not known: {}", why_unknown(preparation)),
           "run it as root; gpupass recover ends what was interrupted");
  return *preparation;
}

Plan plan_preparation(const Host& host, const Preparation& wanted, PagesNow now) {
  const Preparation before = known_preparation(host, "prepare");
  return Preparing(host, before, wanted).plan(now);
}

}  // namespace gpupass
