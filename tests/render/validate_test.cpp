// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <algorithm>

#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "support/golden.hpp"
#include "support/two_sockets.hpp"
#include "support/validated_guest.hpp"

namespace gpupass::validate_test {
namespace {

/// One GPU with half of its lanes and without a driver, one that is gone, and an error in the kernel's log
/// that is no text for a terminal.
GuestFacts troubled_guest() {
  GuestFacts guest = healthy_guest();
  PciFunction& gpu = function_of(*guest.machine, kGuestGpu0);
  gpu.link->width = 8;
  gpu.driver = Absent{};
  std::erase_if(guest.machine->functions,
                [](const PciFunction& function) { return function.address == kGuestGpu1; });
  guest.errors->push_back("NVRM: Xid (PCI:0000:c1:00): 79, \x1b[31mGPU has fallen off the bus.");
  return guest;
}

GuestFacts silent_guest() {
  GuestFacts guest;
  guest.runs_programs = Unknown{"cannot ask the agent of vm: Guest agent is not responding"};
  guest.machine = Unknown{guest.runs_programs.why()};
  guest.errors = Unknown{guest.runs_programs.why()};
  return guest;
}

std::string text_of(const GuestFacts& guest, const View& view = {}) {
  const Host host = host_with_guest();
  return render_check(host, validate(host, "vm", guest), {}, view);
}

TEST(RenderValidation, Text) {
  View all;
  all.verbose = true;
  expect_golden("validate.txt", text_of(healthy_guest()) + "---\n" + text_of(healthy_guest(), all) + "---\n" +
                                    text_of(troubled_guest()) + "---\n" + text_of(silent_guest()));
}

TEST(RenderValidation, Json) {
  const Host host = host_with_guest();
  GuestFacts guest = troubled_guest();
  guest.bandwidths = std::vector<Bandwidth>{{kGuestGpu0, 27.5, 26}};
  expect_golden("validate.json",
                render_validation_json(host, seen_in_guest(host, "vm", guest), validate(host, "vm", guest)));
}

}  // namespace
}  // namespace gpupass::validate_test
