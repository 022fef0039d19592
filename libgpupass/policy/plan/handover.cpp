// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/handover.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "policy/asked.hpp"
#include "policy/guard/candidate.hpp"
#include "policy/guests_of.hpp"
#include "policy/isolation/reset_scope.hpp"
#include "policy/plan/quarantine.hpp"
#include "policy/plan/rebind.hpp"
#include "policy/refuse.hpp"
#include "values/card.hpp"
#include "values/shell_word.hpp"
#include "values/sysfs.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

constexpr auto kHandOver = "hand over";
constexpr auto kBegan = "a hand-over began and has not ended";

/// A driver of the host would use what the reset takes away, and leaves its own traces in the card.
void expect_no_driver(Candidate& candidate, const PciFunction& member) {
  const std::string name = member.address.to_string();
  if (member.driver.unknown() || !member.driver.asked())
    candidate.unknown("gpu.driver",
                      fmt::format("the driver of {} is not known: {}", name, why_unknown(member.driver)));
  else if (member.driver && !on_vfio(member))
    candidate.fail(
        "gpu.driver",
        fmt::format("{} of the host has {}, and a reset would take the device from it", *member.driver, name),
        "gpupass bind " + candidate.gpu().address.to_string());
}

/// The former tenant could start again with what is another one's by then.
void expect_unwanted(Candidate& candidate, PciAddress member) {
  for (const std::string& guest : guests_of(candidate.host(), member).wanted_by)
    candidate.fail("handover.tenant", fmt::format("guest {} is defined with {}", guest, member.to_string()),
                   fmt::format("gpupass take {} {}", shell_word(guest), member.to_string()));
}

void expect_free(const Host& host, const PciFunction& gpu, const std::vector<PciAddress>& card) {
  Candidate candidate(host, gpu.address, {gpu.address});
  for (const PciAddress address : card) {
    const PciFunction& member = function_at(host, address);
    if (auto finding = wedged_finding(host, address)) candidate.add(*std::move(finding));
    expect_no_driver(candidate, member);
    guard_uses(candidate, member);
    expect_unwanted(candidate, address);
  }
  const Quarantined* record = quarantined(host, gpu);
  if (auto finding = quarantine_finding(host, gpu); finding && !(record && record->unproven))
    candidate.add(*std::move(finding));
  for (Finding& user : users_of(host, gpu.address, card)) candidate.add(std::move(user));
  if (const auto found = findings_of(candidate.objections()); !found.empty())
    refuse(kHandOver, gpu.address.to_string(), found);
}

/// Once the driver is known, the reason why there is no reset is the firmware's or the slot's.
std::string lone_method(const Host& host, const PciFunction& gpu) {
  if (auto method = lone_reset_method(host, gpu)) return *method;
  const std::string name = gpu.address.to_string();
  if (!gpu.reset_methods)
    refuse(kHandOver, name,
           fmt::format("how it can be reset is not known: {}", why_unknown(gpu.reset_methods)), kRunAsRoot);
  if (gpu.reset_methods->empty())
    refuse(kHandOver, name, "nothing resets it", "only the next boot of the host clears it");
  refuse(kHandOver, name,
         fmt::format("nothing resets it alone: saw the methods {}, expected one of its own, or nothing else "
                     "on its bus",
                     fmt::join(*gpu.reset_methods, ", ")),
         "VFIO resets the whole card when a guest opens and closes it; else the next boot of the host");
}

/// The kernel tries one method after another, so the one that is meant must be alone for the while.
void add_reset(Plan& plan, const PciFunction& function, const std::string& method) {
  const PciAddress address = function.address;
  const std::string name = address.to_string();
  const SetResetMethods found{address, *function.reset_methods}, chosen{address, {method}};
  const bool choose = found != chosen;
  if (choose)
    plan.steps.push_back({fmt::format("let {} be reset by {} alone", name, method),
                          "the kernel would try another method where this one fails", chosen, found});
  plan.steps.push_back({fmt::format("reset {} by {}", name, method),
                        "what the last tenant left must not reach the next one; a reset cannot be undone",
                        ResetDevice{address, method}, std::nullopt});
  if (choose)
    plan.steps.push_back({fmt::format("let {} be reset as before", name), "it was so", found, chosen});
  plan.assumes.push_back({Assumption::Kind::Attribute, sysfs_path(address, "reset_method"),
                          fmt::format("{}", fmt::join(*function.reset_methods, " "))});
}

Plan plan_reset(const Host& host, const PciFunction& gpu, const std::vector<PciAddress>& card) {
  Plan plan;
  plan.assumes = assumptions_of(host, card);
  add_reset(plan, gpu, lone_method(host, gpu));
  for (const PciAddress address : card) {
    if (address == gpu.address) continue;
    const PciFunction& member = function_at(host, address);
    if (const auto method = lone_reset_method(host, member))
      add_reset(plan, member, *method);
    else
      plan.notes.push_back(fmt::format("nothing resets {} alone: it is left as it is", address.to_string()));
  }
  if (gpu.known_model)
    plan.notes.push_back(fmt::format("{} is one of the models ({}) that are reported not to come back: {}",
                                     gpu.address.to_string(), gpu.known_model->model,
                                     gpu.known_model->source));
  return plan;
}

Plan plan_way_out(const Host& host, PciAddress gpu) {
  Plan plan = plan_quarantine_release(host, {gpu});
  for (Step& step : plan.steps) step.reason = "only what was found sound after the reset leaves quarantine";
  return plan;
}

/// One line that a record can hold.
std::string reason_of(const std::vector<Finding>& findings) {
  constexpr std::size_t kLongest = 400;
  std::string reason;
  for (const Finding& finding : findings)
    if (finding.verdict == Verdict::Fail || finding.verdict == Verdict::Unknown)
      append_once(reason, finding.message, "; ");
  reason = printable(reason);
  if (reason.size() > kLongest) reason = printable(reason.substr(0, kLongest)) + "...";
  return "a hand-over did not prove it sound: " + reason;
}

}  // namespace

HandoverPlans plan_handover(const Host& host, PciAddress address) {
  expect_asked(host, needs(Verb::Handover), kHandOver, address.to_string());
  const PciFunction& gpu = function_at(host, address);
  const std::vector<PciAddress> card = card_of(host, gpu);
  expect_free(host, gpu, card);
  HandoverPlans plans;
  plans.reset = plan_reset(host, gpu, card);
  plans.begin = plan_unproven(host, address, kBegan);
  plans.end = plan_way_out(after(host, plans.begin), address);
  plans.end.notes.push_back(
      fmt::format("nothing here reads or overwrites the memory of {}: the reset alone clears what it clears",
                  address.to_string()));
  return plans;
}

Plan shown_as_one(const HandoverPlans& plans) {
  Plan plan = plans.begin;
  append(plan, plans.reset);
  append(plan, plans.end);
  return plan;
}

Plan plan_handover_end(const Host& host, const Handover& handover) {
  const PciFunction* gpu = find_function(host, handover.gpu);
  if (!gpu) return {};  // Its record stays, for when it comes back.
  if (handover.proven != Answer::Yes) return plan_unproven(host, handover.gpu, reason_of(handover.findings));
  const Quarantined* record = quarantined(host, *gpu);
  return record && record->unproven ? plan_way_out(host, handover.gpu) : Plan();
}

}  // namespace gpupass
