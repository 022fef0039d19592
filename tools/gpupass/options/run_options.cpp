// SPDX-License-Identifier: GPL-2.0-or-later
#include "options/run_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/render.hpp"
#include "gpupass/seed.hpp"
#include "input_file.hpp"
#include "options/definition_options.hpp"
#include "options/number_option.hpp"
#include "options/path_option.hpp"
#include "terminal.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kDefaultNetwork = "default";
constexpr std::string_view kNoNetwork = "none";

/// What the guest boots from is named, and so is the disk that an installer writes to.
void expect_one_medium(const Invocation& invocation) {
  const bool image = invocation.has("image"), cdrom = invocation.has("cdrom");
  if (image && cdrom)
    refuse_beside("cdrom", "image", "saw both, expected one of them",
                  "a guest whose disk has a system boots from --image, a new one from --cdrom");
  if (!image && !cdrom)
    throw Error(ErrorCode::Usage, "--image", "cannot run: saw nothing to boot from",
                "name the guest's disk with --image FILE, or an installer's CD-ROM with --cdrom FILE");
  if (cdrom && !invocation.has("disk") && !invocation.has("device"))
    throw Error(ErrorCode::Usage, "--disk", "cannot run with --cdrom: saw no disk to install to",
                "qemu-img create -f qcow2 FILE.qcow2 40G makes one: --disk FILE.qcow2");
}

void expect_file(const Invocation& invocation, const std::string& path) {
  if (!is_missing(invocation, path)) return;
  throw Error(ErrorCode::NotFound, path,
              fmt::format("cannot run {}: there is no file {}", invocation.arguments.front(), path));
}

/// Those that are named; else the default one, if it is there and active.
std::vector<std::string> networks_of(const Invocation& invocation, const System& system) {
  std::vector<std::string> named = invocation.all("network");
  if (std::erase(named, kNoNetwork) != 0 || !named.empty()) return named;
  const auto active = system.ask(NetworksQuestion{});
  if (active && std::ranges::find(*active, kDefaultNetwork) != active->end())
    return {std::string(kDefaultNetwork)};
  tell(invocation,
       fmt::format("note: the guest gets no network: {}; --network NAME names one\n",
                   active ? "libvirt's network default is not active" : "libvirt's are not known"));
  return {};
}

}  // namespace

void describe_run_options(po::options_description& options) {
  const auto text_value = [](const char* name) { return po::value<std::string>()->value_name(name); };
  auto add = options.add_options();
  add("image", text_value("FILE"), "the guest's disk, which has a system: raw or .qcow2");
  add("cdrom", po::value<std::vector<std::string>>()->value_name("FILE"),
      "boot from this while the disk is empty; may be repeated");
  add("cloud-init", text_value("FILE"), "user-data for cloud-init in the guest; - is stdin");
}

Request run_request_of(const Invocation& invocation, const System& system) {
  expect_one_medium(invocation);
  Request request = definition_request_of(invocation);
  if (invocation.has("image"))
    request.disks.insert(request.disks.begin(), from_root(invocation.options["image"].as<std::string>()));
  for (const std::string& cdrom : invocation.all("cdrom")) request.cdroms.push_back(from_root(cdrom));
  for (const auto* files : {&request.disks, &request.cdroms})
    for (const std::string& file : *files) expect_file(invocation, file);
  request.networks = networks_of(invocation, system);
  request.agent = true;
  request.display = !request.cdroms.empty() || request.guest == GuestSystem::Windows;
  if (!invocation.has("cloud-init")) return request;
  request.seed = seed_path(request.name);
  if (!invocation.root_given && !is_missing(invocation, request.seed))
    throw Error(ErrorCode::Refused, request.seed,
                fmt::format("cannot run {}: there is a file {}", request.name, request.seed),
                "an earlier guest of that name has left it: remove it if nothing needs it");
  return request;
}

std::string user_data_of(const Invocation& invocation) {
  if (!invocation.has("cloud-init")) return {};
  const auto& file = invocation.options["cloud-init"].as<std::string>();
  std::string text = text_of_input(file, "user-data for cloud-init");
  constexpr std::string_view kBegins[] = {"#",
                                          "Content-Type:", "MIME-Version:", "\x1f\x8b"};  // The last: gzip.
  const bool typed =
      std::ranges::any_of(kBegins, [&](std::string_view begin) { return text.starts_with(begin); });
  if (!typed)
    tell(invocation, fmt::format("note: {} does not begin with #cloud-config or #!: cloud-init ignores it\n",
                                 printable(file)));
  return text;
}

}  // namespace gpupass
