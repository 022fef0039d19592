// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "support/error_of.hpp"
#include "support/two_sockets.hpp"
#include "values/own_files.hpp"
#include "values/sizes.hpp"

namespace gpupass::prepare_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Two sockets of Intel with Debian, and the IOMMU off.
Host bare() {
  Host host = two_sockets();
  host.architecture = std::string("x86_64");
  host.iommu = Iommu{{}, {"DMAR"}, false, {"quiet"}, false, Absent{}, std::string("update-grub")};
  host.groups = Absent{};
  for (PciFunction& function : host.functions) function.iommu_group = Absent{};
  host.platform = Platform();
  host.own_files = std::vector<OwnFile>{};
  for (std::string& path : own_file_paths()) host.own_files->push_back({std::move(path), Absent{}});
  return host;
}

/// After the boot that the plan asks for.
Host booted(Host host) {
  for (const OwnFile& file : *host.own_files)
    if (file.path == kGrubFile && file.content) {
      host.iommu->kernel_options = {"quiet", "intel_iommu=on", "iommu=pt"};
      host.iommu->units = {"dmar0"};
    }
  return host;
}

std::vector<std::string> words_of_steps(const Plan& plan) {
  std::vector<std::string> words;
  for (const Step& step : plan.steps) words.push_back(step.summary);
  return words;
}

std::string notes_of(const Plan& plan) {
  std::string text;
  for (const std::string& note : plan.notes) text += note + '\n';
  return text;
}

const std::optional<Change>& undo_of(const Plan& plan, std::size_t step) {
  return plan.steps.at(step).undo;
}

TEST(Prepare, SetsWhatTheHostLacksAndSaysThatItMustBoot) {
  const Host host = bare();
  const Plan plan = plan_prepare(host, {});
  EXPECT_THAT(words_of_steps(plan),
              ElementsAre("boot with intel_iommu=on iommu=pt from now on", "load vfio-pci at boot"));
  EXPECT_EQ(std::get<SetKernelOptions>(*undo_of(plan, 0)), SetKernelOptions{});
  EXPECT_THAT(notes_of(plan), HasSubstr("reboot the host: the kernel runs without intel_iommu=on iommu=pt"));
  const Plan again = plan_prepare(after(host, plan), {});
  EXPECT_THAT(again.steps, IsEmpty());
  EXPECT_THAT(notes_of(again), HasSubstr("reboot the host"));
  const Plan then = plan_prepare(booted(after(host, plan)), {});
  EXPECT_THAT(then.steps, IsEmpty());
  EXPECT_EQ(notes_of(then), "");
}

TEST(Prepare, AddsNoOptionThatTheKernelHas) {
  Host host = bare();
  host.iommu->kernel_options = {"intel_iommu=on", "iommu=pt"};
  host.iommu->units = {"dmar0"};
  EXPECT_THAT(words_of_steps(plan_prepare(host, {})), ElementsAre("load vfio-pci at boot"));
}

TEST(Prepare, KeepsTheUsersWordAboutTheIommu) {
  Host host = bare();
  host.iommu->kernel_options = {"intel_iommu=off"};
  const Plan plan = plan_prepare(host, {});
  EXPECT_THAT(words_of_steps(plan), ElementsAre("load vfio-pci at boot"));
  EXPECT_THAT(notes_of(plan), HasSubstr("take intel_iommu=off off the kernel's command line"));
  host.iommu->kernel_options = {"iommu.passthrough=0"};
  EXPECT_THAT(words_of_steps(plan_prepare(host, {})),
              ElementsAre("boot with intel_iommu=on from now on", "load vfio-pci at boot"));
}

TEST(Prepare, TellsWhereOptionsGoThatItDoesNotWrite) {
  Host host = bare();
  host.iommu->options_tool = std::string("grubby");
  const Plan plan = plan_prepare(host, {});
  EXPECT_THAT(words_of_steps(plan), ElementsAre("load vfio-pci at boot"));
  EXPECT_THAT(notes_of(plan), HasSubstr("grubby --update-kernel=ALL --args=intel_iommu=on"));
  EXPECT_THAT(notes_of(plan), HasSubstr("grubby --update-kernel=ALL --args=iommu=pt"));
}

TEST(Prepare, MendsOneFindingAndNothingElse) {
  const Host host = bare();
  EXPECT_THAT(words_of_steps(plan_prepare(host, {.fix = {"iommu.disabled"}})),
              ElementsAre("boot with intel_iommu=on from now on"));
  EXPECT_EQ(error_of([&] { plan_prepare(host, {.fix = {"gpu.reset"}}); }).code(), ErrorCode::Usage);
  EXPECT_THAT(plan_prepare(host, {.fix = {"gpu.no-addresses"}}).steps, IsEmpty()) << "there is none";
  Host off = host;
  off.iommu->firmware_tables = {"IVRS"};
  const Error error = error_of([&] { plan_prepare(off, {.fix = {"iommu.disabled"}}); });
  EXPECT_EQ(error.code(), ErrorCode::Refused);
  EXPECT_THAT(error.hint(), HasSubstr("firmware's setup"));
}

TEST(Prepare, TheRemedyNamesIt) {
  for (const Finding& finding : check(bare(), gpus_to_check(bare()).gpus))
    if (finding.id == "iommu.disabled")
      EXPECT_THAT(finding.remedy,
                  HasSubstr("boot with intel_iommu=on (gpupass prepare --fix iommu.disabled)"));
}

/// Each node has one GPU and 64 GiB, of which 60 are free.
TEST(Prepare, PagesAreOnTheNodesOfTheGpus) {
  const Host host = bare();
  const Plan plan =
      plan_prepare(host, {.fix = {"gpu.no-addresses"}, .guests = WantedGuests{2, 1, 24 * kGiB, 2 * kMiB}});
  EXPECT_THAT(
      words_of_steps(plan),
      ElementsAre("reserve 12288 huge pages of 2M on node 0, 12288 huge pages of 2M on node 1 at boot",
                  "now 12288 huge pages of 2M on node 0", "now 12288 huge pages of 2M on node 1"));
  const Host then = after(host, plan);
  EXPECT_EQ((*then.numa_nodes)[0].huge_pages.front().total, 12288u);
  EXPECT_EQ(*(*then.numa_nodes)[0].free_bytes, *(*host.numa_nodes)[0].free_bytes - (12288 - 2048) * 2 * kMiB);
  EXPECT_THAT(
      plan_prepare(then, {.fix = {"gpu.no-addresses"}, .guests = WantedGuests{2, 1, 24 * kGiB, 2 * kMiB}})
          .steps,
      IsEmpty());
}

TEST(Prepare, AGuestOfTwoNodesHasAShareOnEach) {
  const Plan plan = plan_prepare(
      bare(),
      {.fix = {"gpu.no-addresses"}, .guests = WantedGuests{1, 2, 10 * kGiB}, .pages_now = PagesNow::Leave});
  EXPECT_THAT(words_of_steps(plan), ElementsAre("reserve 5 huge pages of 1G on node 0, 5 huge pages of 1G on "
                                                "node 1 at boot"));
}

TEST(Prepare, PagesThatFindNoMemoryNowWaitForTheBoot) {
  Host host = bare();
  (*host.numa_nodes)[0].free_bytes = kGiB;
  const Plan plan =
      plan_prepare(host, {.fix = {"gpu.no-addresses"}, .guests = WantedGuests{1, 1, 40 * kGiB, 1 * kGiB}});
  EXPECT_THAT(notes_of(plan), HasSubstr("node 0 has 1024 MiB free, too few for 8 more huge pages of 1G now"));
  EXPECT_THAT(notes_of(plan), HasSubstr("reboot the host: node 0 has 32 of 40 huge pages of 1G"));
}

TEST(Prepare, RefusesWhatTheHostHasNoRoomFor) {
  const Host host = bare();
  const auto refusal = [&](const WantedGuests& guests) {
    return error_of([&] { plan_prepare(host, {.guests = guests}); });
  };
  EXPECT_THAT(refusal({3, 1, kGiB}).what(), HasSubstr("3 guests of 1 GPUs need 3, and this host has 2"));
  EXPECT_THAT(refusal({1, 1, 63 * kGiB}).what(), HasSubstr("need 64512 MiB, and it has 65536 MiB"));
  EXPECT_EQ(refusal({1, 1, kGiB, 64 * 1024}).code(), ErrorCode::Usage);
}

TEST(Prepare, UndoTakesAllOfItBack) {
  const Host host = bare();
  const Host prepared = after(host, plan_prepare(host, {.guests = WantedGuests{2, 1, 24 * kGiB, 2 * kMiB}}));
  const Plan undo = plan_prepare_undo(prepared);
  EXPECT_EQ(*after(prepared, undo).own_files, *host.own_files);
  EXPECT_EQ((*after(prepared, undo).numa_nodes)[1].huge_pages.front().total, 0u);
  EXPECT_THAT(plan_prepare_undo(host).steps, IsEmpty());
  Host in_use = prepared;
  (*in_use.numa_nodes)[0].huge_pages.front().free = 288;
  EXPECT_EQ((*after(in_use, plan_prepare_undo(in_use)).numa_nodes)[0].huge_pages.front().total, 12000u);
}

TEST(Prepare, AFileThatSomebodyElseWroteIsNotReplaced) {
  Host host = bare();
  for (OwnFile& file : *host.own_files)
    if (file.path == kGrubFile) file.content = std::string("GRUB_CMDLINE_LINUX_DEFAULT=\"$(reboot)\"");
  const Error error = error_of([&] { plan_prepare(host, {}); });
  EXPECT_EQ(error.code(), ErrorCode::Refused);
  EXPECT_THAT(error.what(), HasSubstr("expected those that gpupass writes"));
}

/// The kernel runs with both: nothing is missing, and one goes with the next boot.
TEST(Prepare, TellsOfTheBootThatDropsAnOption) {
  Host host = bare();
  host.iommu->kernel_options = {"iommu=pt", "intel_iommu=on"};
  const auto with = [](const char* option) {
    return parse_state(fmt::format("[host.prepare]\nkernel_options = [\"{}\"]\n", option), "node.toml");
  };
  const Host before = after(host, plan_state(host, with("iommu=pt")));
  EXPECT_THAT(notes_of(plan_state(before, with("intel_iommu=on"))),
              HasSubstr("keeps its options until then"));
}

TEST(Prepare, IsDeclaredComparedAndApplied) {
  const Host host = bare();
  const State state = parse_state(
      "[host.prepare]\nkernel_options = [\"intel_iommu=on\"]\nmodules = [\"vfio-pci\"]\n"
      "hugepages = [\"1:1G:8\", \"0:2M:2048\"]\n",
      "node.toml");
  EXPECT_EQ(parse_state(to_toml(state), "again"), state);
  const auto told = [&](const Host& now) {
    std::string text;
    for (const Finding& finding : compare_state(now, state))
      if (finding.id == "state.preparation") text += finding.message;
    return text;
  };
  EXPECT_THAT(told(host), HasSubstr("is not what is declared"));
  const Host applied = after(host, plan_state(host, state));
  EXPECT_THAT(told(applied),
              HasSubstr("this boot is not as declared: the kernel runs without intel_iommu=on"));
  EXPECT_THAT(plan_state(applied, state).steps, IsEmpty());
  EXPECT_FALSE(state_of(applied).preparation) << "what is not in effect is not exported";
  EXPECT_EQ(told(booted(applied)), "");
  EXPECT_EQ(state_of(booted(applied)).preparation, state.preparation);
  const State none = parse_state("[host.prepare]\n", "none.toml");
  EXPECT_EQ(*after(applied, plan_state(applied, none)).own_files, *host.own_files);
}

TEST(Prepare, OnlyOptionsAboutDevicesAreDeclared) {
  for (const char* option : {"init=/bin/sh", "iommu=pt\\\" reboot", "$(vfio)", "vfio;x"})
    EXPECT_THROW(
        parse_state(std::string("[host.prepare]\nkernel_options = [\"") + option + "\"]\n", "n.toml"), Error)
        << option;
}

}  // namespace
}  // namespace gpupass::prepare_test
