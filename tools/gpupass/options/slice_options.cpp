// SPDX-License-Identifier: GPL-2.0-or-later
#include "options/slice_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

#include "gpupass/error.hpp"
#include "help.hpp"
#include "options/mig_options.hpp"
#include "options/number_option.hpp"

namespace gpupass {

namespace {

constexpr unsigned kMostVfs = 65535;  // SR-IOV counts them with 16 bits.
constexpr unsigned kMostTyped = 1024;

[[noreturn]] void refuse_option(const std::string& option, const std::string& message,
                                const std::string& hint) {
  throw Error(ErrorCode::Usage, option, "cannot slice: saw " + message, hint);
}

void expect_none(const Invocation& invocation, std::initializer_list<const char*> options,
                 const std::string& where, const std::string& hint) {
  for (const std::string option : options)
    if (invocation.has(option)) refuse_option("--" + option, fmt::format("--{} {}", option, where), hint);
}

SliceRequest typed_request(const Invocation& invocation) {
  SliceRequest request;
  request.type = invocation.options["type"].as<std::string>();
  request.count = number_option(invocation, "count", 1, kMostTyped).value_or(1);
  if (invocation.has("uuid")) request.uuid = invocation.options["uuid"].as<std::string>();
  request.at_boot = invocation.has("persist");
  return request;
}

/// A word for all must stand alone.
std::vector<std::string> mig_parts(const Invocation& invocation, std::initializer_list<const char*> words) {
  std::vector<std::string> parts = parts_of(invocation, "mig", "names with commas between them");
  for (const std::string word : words)
    if (parts.size() > 1 && std::ranges::find(parts, word) != parts.end())
      refuse_value(invocation, "mig", word + " beside others", "it alone");
  return parts;
}

/// One of the four ways to make slices.
void expect_one_way(const Invocation& invocation) {
  constexpr std::array kWays = {"vfs", "type", "mig", "mig-config"};
  std::string first;
  for (const std::string way : kWays) {
    if (!invocation.has(way)) continue;
    if (!first.empty())
      refuse_beside(first, way, "cannot make slices in two ways at once", "make them one after the other");
    first = way;
  }
  if (first.empty())
    refuse_option("--vfs", "none of --vfs, --type, --mig and --mig-config, expected one of them with create",
                  usage_line(*invocation.verb));
  if (first != "type")
    expect_none(invocation, {"count", "uuid", "persist"},
                fmt::format("beside --{}, expected it with --type alone", first),
                usage_line(*invocation.verb));
  if (first != "mig-config")
    expect_none(invocation, {"label"}, fmt::format("beside --{}, expected it with --mig-config alone", first),
                usage_line(*invocation.verb));
}

SliceOptions create_options(const Invocation& invocation) {
  expect_one_way(invocation);
  SliceOptions options;
  options.create = true;
  options.mig_file = invocation.has("mig-config");
  if (invocation.has("mig")) options.mig = mig_parts(invocation, {kMigOn});
  options.vfs = number_option(invocation, "vfs", 1, kMostVfs).value_or(0);
  if (invocation.has("type")) options.typed = typed_request(invocation);
  return options;
}

}  // namespace

void describe_slice_options(po::options_description& options) {
  auto add = options.add_options();
  add("vfs", po::value<std::string>()->value_name("N"), "create: the number of virtual functions");
  add("type", po::value<std::string>()->value_name("TYPE"),
      "create: slices of this type, by its id or its name");
  add("count", po::value<std::string>()->value_name("N"), "create: how many more of that type (default 1)");
  add("uuid", po::value<std::string>()->value_name("UUID"), "create: the UUID of the mediated device");
  add("mig", po::value<std::vector<std::string>>()->value_name("INSTANCE,..."),
      "create: MIG instances of these profiles; destroy: these, all or off");
  describe_mig_file_options(options);
  add("persist", "create: make the mediated devices at every boot, too");
}

SliceOptions slice_options(const Invocation& invocation) {
  const std::string& what = invocation.arguments.front();
  if (what == "create") return create_options(invocation);
  if (what != "destroy")
    refuse_option(what, fmt::format("{}, expected create or destroy", what), usage_line(*invocation.verb));
  expect_none(invocation, {"mig-config", "label"}, "with destroy, expected it with create",
              "gpupass slice create --mig-config makes the instances that the file declares, and no others");
  expect_none(invocation, {"vfs"}, "with destroy, which takes all away",
              "gpupass slice create --vfs sets another number");
  expect_none(invocation, {"type", "count", "uuid", "persist"}, "with destroy, expected only names",
              usage_line(*invocation.verb));
  SliceOptions options;
  if (invocation.has("mig")) options.mig = mig_parts(invocation, {kMigAll, kMigOff});
  return options;
}

}  // namespace gpupass
