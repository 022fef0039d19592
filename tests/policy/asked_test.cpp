// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/json.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "support/folders.hpp"
#include "support/host_builder.hpp"
#include "support/open_host.hpp"
#include "support/two_sockets.hpp"

namespace gpupass::asked_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Part {
  const char* name;
  bool Parts::* member;
};
/// `groups` is left out: a host has those that were asked for, and no verb's answer needs the others.
constexpr std::array kParts = {
    Part{"all_functions", &Parts::all_functions},
    Part{"links", &Parts::links},
    Part{"all_links", &Parts::all_links},
    Part{"details", &Parts::details},
    Part{"config", &Parts::config},
    Part{"overrides", &Parts::overrides},
    Part{"iommu", &Parts::iommu},
    Part{"cpus", &Parts::cpus},
    Part{"domains", &Parts::domains},
    Part{"holders", &Parts::holders},
    Part{"users", &Parts::users},
    Part{"uses", &Parts::uses},
    Part{"slices", &Parts::slices},
    Part{"mig", &Parts::mig},
    Part{"boot", &Parts::boot},
};

/// A server with eight GPUs, all of which can be given away.
Host healthy(const Parts& parts) {
  static const auto system = open_host(source_path("examples/hosts/8gpu-2socket.host"));
  return probe(*system, {parts, {}});
}

Parts without(Parts parts, const Part& part) {
  parts.*part.member = false;
  // Who looks for users sees the holders too.
  if (part.member == &Parts::holders) parts.users = false;
  return parts;
}

PciAddress first_gpu(const Host& host) {
  return *assess(host).front().device.function();
}

/// The guest that gets the first GPU.
DomainXml guest() {
  const std::string xml = "<domain type='kvm'><name>guest1</name><devices/></domain>";
  return {.name = "guest1", .persistent = true, .live_xml = {}, .persistent_xml = xml};
}

Request request_of_one() {
  Request request;
  request.name = "guest1";
  request.gpu_count = 1;
  return request;
}

Plan unbinding(PciAddress gpu) {
  return {{}, {{"unbind", "", SetDriver{gpu, {"", ""}}, std::nullopt}}, {}};
}

struct VerbFunction {
  const char* name;
  Verb verb;
  Parts parts;  ///< All, or those of the verb's that the function itself looks at.
  std::function<void(const Host&)> call;
};

std::vector<VerbFunction> verb_functions() {
  const auto gpus = [](const Host& host) { return std::vector<PciAddress>{first_gpu(host)}; };
  Parts without_mig = needs(Verb::Slice);
  without_mig.mig = false;
  return {
      {"check", Verb::Check, needs(Verb::Check), [=](const Host& host) { check(host, gpus(host)); }},
      {"check_domain",
       Verb::CheckDomain,
       {.cpus = true},
       [=](const Host& host) { check_domain(host, guest().persistent_xml); }},
      {"assess_ways",
       Verb::Topology,
       {.all_functions = true, .cpus = true},
       [](const Host& host) { assess_ways(host); }},
      {"assess_links",
       Verb::Topology,
       {.all_functions = true, .all_links = true},
       [](const Host& host) { assess_links(host); }},
      {"place", Verb::Place, needs(Verb::Place), [](const Host& host) { place(host, request_of_one()); }},
      {"pack", Verb::Place, needs(Verb::Place), [](const Host& host) { pack({host}, {request_of_one()}); }},
      {"plan_bind", Verb::Bind, needs(Verb::Bind), [=](const Host& host) { plan_bind(host, gpus(host)); }},
      {"plan_bind_at_boot", Verb::Bind, needs(Verb::Bind),
       [=](const Host& host) { plan_bind_at_boot(host, gpus(host)); }},
      {"plan_release", Verb::Release, needs(Verb::Release),
       [=](const Host& host) { plan_release(host, gpus(host)); }},
      {"plan_release_at_boot", Verb::Release, needs(Verb::Release),
       [=](const Host& host) { plan_release_at_boot(host, gpus(host), {}); }},
      {"plan_define", Verb::Define, needs(Verb::Bind),
       [=](const Host& host) {
         Placement placement;
         placement.gpus = {first_gpu(host)};
         plan_define(host, {"guest1", guest().persistent_xml, placement, std::nullopt, Start::Yes, {}});
       }},
      {"plan_attach", Verb::Attach, needs(Verb::Attach),
       [=](const Host& host) { plan_attach(host, guest(), {first_gpu(host)}, {}); }},
      {"plan_detach", Verb::Detach, needs(Verb::Detach),
       [=](const Host& host) { plan_detach(host, guest(), {first_gpu(host)}, {}); }},
      {"plan_boot_install", Verb::Boot, needs(Verb::Boot),
       [](const Host& host) { plan_boot_install(host, {}); }},
      {"plan_boot_remove", Verb::Boot, needs(Verb::Boot), [](const Host& host) { plan_boot_remove(host); }},
      {"assess_slices", Verb::Slices, needs(Verb::Slices),
       [=](const Host& host) { assess_slices(host, gpus(host)); }},
      {"plan_slice_create", Verb::Slice, without_mig,
       [=](const Host& host) { plan_slice_create(host, first_gpu(host), 1); }},
      {"plan_slice_destroy", Verb::Slice, without_mig,
       [=](const Host& host) { plan_slice_destroy(host, first_gpu(host)); }},
      {"plan_mig_create", Verb::Slice, needs(Verb::Slice),
       [=](const Host& host) { plan_mig_create(host, first_gpu(host), {}); }},
      {"guard_recovery", Verb::Recover, needs(Verb::Recover),
       [=](const Host& host) { guard_recovery(host, unbinding(first_gpu(host))); }},
  };
}

/// What the call refuses with; empty: it answers.
std::string refusal(const VerbFunction& function, const Host& host) {
  try {
    function.call(host);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Refused) << error.what();
    return error.what();
  }
  return {};
}

TEST(NotAsked, EachVerbIsContentWithWhatItNeeds) {
  for (const VerbFunction& function : verb_functions())
    EXPECT_THAT(refusal(function, healthy(needs(function.verb))), Not(HasSubstr("probed without")))
        << function.name;
}

TEST(NotAsked, EachVerbRefusesWithoutAPartThatItNeedsAndNamesIt) {
  for (const VerbFunction& function : verb_functions())
    for (const Part& part : kParts) {
      if (!(function.parts.*part.member)) continue;
      const std::string text = refusal(function, healthy(without(needs(function.verb), part)));
      EXPECT_THAT(text, HasSubstr("probed without")) << function.name << " without " << part.name;
      EXPECT_THAT(text, HasSubstr(part.name)) << function.name << " without " << part.name;
    }
}

TEST(NotAsked, NoGpuIsAssignableWithoutWhatCouldForbidIt) {
  const Parts parts = needs(Verb::List);
  const auto answers = [](const Host& host) {
    std::vector<Answer> result;
    for (const Assessment& gpu : assess(host)) result.push_back(gpu.assignable);
    return result;
  };
  EXPECT_THAT(answers(healthy(parts)), Contains(Answer::Yes));
  for (const Part& part : std::initializer_list<Part>{{"iommu", &Parts::iommu},
                                                      {"domains", &Parts::domains},
                                                      {"users", &Parts::users},
                                                      {"uses", &Parts::uses}}) {
    const Host unasked = healthy(without(parts, part));
    EXPECT_THAT(answers(unasked), Not(Contains(Answer::Yes))) << part.name;
    EXPECT_THROW(select_gpus(unasked, {"all"}), Error) << part.name;
  }
}

TEST(NotAsked, NoGpuOnVfioIsAssignableWithoutTheHolders) {
  Host host = HostBuilder().gpu("0000:65:00.0", "vfio-pci").group(5, {"0000:65:00.0"}).build();
  EXPECT_EQ(assess(host).front().assignable, Answer::Yes);
  host.holders = {};
  EXPECT_EQ(assess(host).front().assignable, Answer::Unknown);
}

TEST(NotAsked, WhatIsToBeBoundAtBootIsRefusedAsBindRefusesIt) {
  Host host = healthy(without(needs(Verb::Bind), {"users", &Parts::users}));
  const PciFunction& gpu = *find_function(host, first_gpu(host));
  host.boot_bindings = std::vector<BootBinding>{
      {gpu.address, {*gpu.vendor, *gpu.device, *gpu.subsystem_vendor, *gpu.subsystem_device, ""}}};
  const BootPlans boot = plan_boot(host);
  EXPECT_THAT(boot.plans, IsEmpty());
  ASSERT_EQ(boot.refusals.size(), 1u);
  EXPECT_THAT(boot.refusals.front().what(), HasSubstr("users"));
  host.boot_bindings = Unknown{"the file is damaged"};
  EXPECT_THAT(plan_boot(host).findings, testing::SizeIs(1));
}

/// A running guest is pinned to almost all CPUs; nobody asked which guests there are.
TEST(NotAsked, ThePinnedCpusOfARunningGuestAreNotHandedOut) {
  Host host = two_sockets();
  host.domains = std::vector<Domain>{running_guest("other", {kGpu1}, *CpuSet::parse("1-15,17-31"))};
  EXPECT_THROW(place(host, request_of_one()), Error);
  host.domains = {};
  EXPECT_THROW(place(host, request_of_one()), Error);
  for (const Assessment& gpu : assess(host)) EXPECT_NE(gpu.assignable, Answer::Yes);
}

TEST(NotAsked, UnreadableIsNotNone) {
  Host host = one_card().build();
  const PciAddress gpu = address("0000:65:00.0");
  host.wedged = Unknown{"Permission denied"};
  EXPECT_EQ(guards(host, gpu).front().id, "gpu.wedged");
  EXPECT_EQ(guards(host, gpu).front().verdict, Verdict::Unknown);
  host = one_card().build();
  host.homes = Unknown{"Permission denied"};
  try {
    plan_bind(host, {gpu});
    ADD_FAILURE() << "it would overwrite a record";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("Permission denied"));
  }
  host = one_card().build();
  host.claims = Unknown{"Permission denied"};
  const std::vector<Finding> findings = check(host, {gpu});
  const auto claimed = std::ranges::find(findings, "device.claimed", &Finding::id);
  ASSERT_NE(claimed, findings.end());
  EXPECT_EQ(claimed->verdict, Verdict::Unknown);
}

TEST(NotAsked, CpusThatMayBeIsolatedAreTold) {
  Host host = two_sockets();
  host.isolated_cpus = Unknown{"cannot be read"};
  EXPECT_THAT(place(host, request_of_one()).reasons,
              Contains("the CPUs that the kernel isolates are not known: cannot be read"));
}

/// Files of earlier versions have the same keys, and lack none of them; a file without one is of a probe that
/// did not ask.
TEST(NotAsked, AHostWithoutAKeyIsRead) {
  const Host host = host_from_json(
      R"({"format": 1, "host": {"functions": [], "groups": [], "offline_cpus": "3", "isolated_cpus": "",
          "claims": [], "homes": [], "limits": []}})");
  EXPECT_EQ(host.groups, std::vector<IommuGroup>());
  EXPECT_EQ(host.offline_cpus, CpuSet{3});
  EXPECT_EQ(host.isolated_cpus, CpuSet());
  EXPECT_FALSE(host.wedged.asked());
}

}  // namespace
}  // namespace gpupass::asked_test
