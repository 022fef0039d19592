// SPDX-License-Identifier: GPL-2.0-or-later
#include "options/definition_options.hpp"

#include "gpupass/error.hpp"
#include "input_file.hpp"
#include "options/choice_option.hpp"
#include "options/number_option.hpp"
#include "options/path_option.hpp"
#include "options/request_options.hpp"
#include "terminal.hpp"

namespace gpupass {

void describe_guest_options(po::options_description& options) {
  describe_request_options(options);
  const auto text_value = [](const char* name) { return po::value<std::string>()->value_name(name); };
  auto add = options.add_options();
  add("guest", text_value("SYSTEM"), "linux or windows (linux)");
  add("secure-boot", "UEFI with Secure Boot");
  add("tpm", "an emulated TPM 2.0");
  add("hide-hypervisor", "for guest drivers that refuse to run in a virtual machine");
  add("rom", text_value("FILE"), "this ROM image for the GPUs instead of their own");
}

void describe_definition_options(po::options_description& options) {
  describe_guest_options(options);
  const auto text_value = [](const char* name) { return po::value<std::string>()->value_name(name); };
  auto add = options.add_options();
  add("base", text_value("FILE"), "patch this definition, keep the rest of it; - is stdin");
  add("from", text_value("DOMAIN"), "patch the definition that libvirt has of this guest");
}

Request definition_request_of(const Invocation& invocation) {
  Request request = request_of(invocation);
  request.name = invocation.arguments.front();
  request.guest =
      named_option(invocation, "guest", {GuestSystem::Linux, GuestSystem::Windows}).value_or(request.guest);
  request.secure_boot = invocation.has("secure-boot");
  request.tpm = invocation.has("tpm");
  request.hide_hypervisor = invocation.has("hide-hypervisor");
  if (invocation.has("rom")) request.rom_file = from_root(invocation.options["rom"].as<std::string>());
  expect_sensible(request);
  return request;
}

void expect_sensible(const Request& request) {
  if (request.secure_boot && request.firmware == Firmware::Bios)
    throw Error(ErrorCode::Usage, "--secure-boot",
                "cannot use --secure-boot: saw a guest with BIOS, expected one with UEFI",
                "--firmware uefi changes it, but what was installed with BIOS may then not start");
}

void warn_of(const Invocation& invocation, const Request& request) {
  for (const std::string& disk : request.disks) warn_if_missing(invocation, disk);
  warn_if_missing(invocation, request.rom_file);
  if (request.hide_hypervisor)
    tell(invocation,
         "note: --hide-hypervisor turns peer-to-peer between GPUs off: NVIDIA's drivers in the guest do so "
         "where "
         "they see no hypervisor\n");
}

bool has_base(const Invocation& invocation) {
  if (invocation.has("base") && invocation.has("from"))
    refuse_beside("from", "base", "saw both, expected one of them", "a guest is made from one definition");
  return invocation.has("base") || invocation.has("from");
}

std::string base_of(const Invocation& invocation) {
  return invocation.has("base") ? text_of_input(invocation.options["base"].as<std::string>(), "XML") : "";
}

}  // namespace gpupass
