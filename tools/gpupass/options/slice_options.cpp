// SPDX-License-Identifier: GPL-2.0-or-later
#include "options/slice_options.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <string>

#include "gpupass/error.hpp"
#include "help.hpp"
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

SliceOptions create_options(const Invocation& invocation) {
  SliceOptions options;
  options.create = true;
  options.vfs = number_option(invocation, "vfs", 1, kMostVfs).value_or(0);
  if (invocation.has("type")) options.typed = typed_request(invocation);
  if (options.vfs > 0 && options.typed)
    refuse_beside("--vfs", "--type", "cannot make virtual functions and slices of a type at once",
                  "make the virtual functions first");
  if (options.vfs == 0 && !options.typed)
    refuse_option("--vfs", "neither --vfs nor --type, expected one of them with create",
                  usage_line(*invocation.verb));
  if (!options.typed)
    expect_none(invocation, {"count", "uuid", "persist"}, "beside --vfs, expected it with --type alone",
                usage_line(*invocation.verb));
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
  add("persist", "create: make the mediated devices at every boot, too");
}

SliceOptions slice_options(const Invocation& invocation) {
  const std::string& what = invocation.arguments.front();
  if (what == "create") return create_options(invocation);
  if (what != "destroy")
    refuse_option(what, fmt::format("{}, expected create or destroy", what), usage_line(*invocation.verb));
  expect_none(invocation, {"vfs"}, "with destroy, which takes all away",
              "gpupass slice create --vfs sets another number");
  expect_none(invocation, {"type", "count", "uuid", "persist"}, "with destroy, expected only names",
              usage_line(*invocation.verb));
  return {};
}

}  // namespace gpupass
