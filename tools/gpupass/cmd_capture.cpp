// SPDX-License-Identifier: GPL-2.0-or-later
#include "exit_status.hpp"
#include "gpupass/capture.hpp"
#include "gpupass/error.hpp"
#include "machine.hpp"
#include "result_file.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run_capture(const Invocation& invocation) {
  expect_arguments(invocation, 1, 1);
  if (invocation.json)
    throw Error(ErrorCode::Usage, "--json", "cannot capture as JSON: a capture has its own format",
                "man gpupass-host describes it");
  const std::string& name = invocation.arguments.front();
  expect_result_file(invocation, name);
  const auto system = open_machine(invocation);
  const Capture captured = capture(*system);
  write_result(invocation, name, captured.text);
  if (name != "-")
    tell(invocation,
         "note: serial numbers, MAC addresses and UUIDs are replaced; read the file before you send it\n");
  return kDone;
}

}  // namespace

const Command capture_verb = {
    .name = "capture",
    .arguments = "NAME.host",
    .summary = "Write this host down as one readable text file, scrubbed; - is stdout",
    .example = "capture server7.host",
    .later = {},
    .run = run_capture,
};

}  // namespace gpupass
