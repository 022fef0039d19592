// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "apply/absence.hpp"
#include "apply/origin.hpp"
#include "change/change.hpp"
#include "change/journal_file.hpp"

namespace gpupass {

namespace {

constexpr std::int64_t kLastBegin = 9'999'999'999'999'999;  // Of 16 digits: names ascend like the numbers.
constexpr std::size_t kMostKept = 100;  // Operations; and more of those that need recovery.

std::int64_t microseconds() {
  using namespace std::chrono;
  return duration_cast<std::chrono::microseconds>(system_clock::now().time_since_epoch()).count();
}

void write_line(System& system, const std::string& id, const std::string& line, bool durable) {
  // A line that was cut off before is ended first.
  system.append(journal_path(id), "\n" + line + "\n", durable);
}

/// Later than each that is in the journal, also when the clock was set back: their names tell the order.
std::int64_t next_begin(const System& system) {
  std::int64_t begin = microseconds();
  for (const std::string& name : journal_files(system))
    if (const auto other = begin_in_name(name); other && *other < kLastBegin)
      begin = std::max(begin, *other + 1);
  return begin;
}

/// Forgets the oldest that are over.
void forget_old(System& system) {
  const std::vector<std::string> names = journal_files(system);
  if (names.size() <= kMostKept) return;
  const std::vector<std::string> open = open_operations(system);
  std::size_t surplus = names.size() - kMostKept;
  for (const std::string& name : names)
    if (surplus > 0 && !std::ranges::binary_search(open, name)) {
      system.remove(journal_path(name));
      --surplus;
    }
}

}  // namespace

std::string boot_id(const System& system) {
  constexpr auto kPath = "/proc/sys/kernel/random/boot_id";
  const Fact<std::string> id = system.read(kPath);
  if (!id) throw failure(ErrorCode::System, "read", kPath, "nothing", "the name of this boot");
  return *id;
}

Journal Journal::begin(System& system, const Plan& plan) {
  const std::string process = system.link("/proc/self").value_or("0");
  Operation operation;
  operation.id = fmt::format("{:016}-{}", next_begin(system), process);
  operation.time = microseconds() / 1'000'000;
  operation.boot_id = boot_id(system);
  operation.user = login_user(system);
  operation.command = command_line(system);
  operation.hypervisor = system.hypervisor_uri();
  operation.plan = plan;
  Journal journal(system, operation.id);
  journal.lasts_ = std::ranges::any_of(plan.steps, [](const Step& step) { return lasts(step.change); });
  write_line(system, journal.id_, journal_begin(operation, locks_of(plan)), /*durable=*/true);
  forget_old(system);
  return journal;
}

void Journal::start(std::size_t step) {
  write_line(system_, id_, journal_start(step), /*durable=*/false);
}

void Journal::undo() {
  write_line(system_, id_, journal_undo(), /*durable=*/false);
}

void Journal::end(Outcome outcome, const std::vector<std::size_t>& left,
                  const std::map<std::size_t, std::string>& definitions) {
  const bool over = is_over(outcome);
  write_line(system_, id_, journal_end(outcome, left, definitions), lasts_ || !over);
  if (!over) return;
  try {
    system_.rename(journal_path(id_), journal_path(id_) + std::string(kOver));
  } catch (const Error&) {  // It will be looked at again, and found to be over.
  }
}

}  // namespace gpupass
