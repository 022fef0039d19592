// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "gpupass/error.hpp"
#include "operations.hpp"
#include "program.hpp"

namespace gpupass {

namespace {

constexpr char kModprobe[] = "/sbin/modprobe";

bool is_module_name(const std::string& name) {
  return !name.empty() && name.front() != '-' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == name.npos;
}

Ended run_modprobe(const std::string& name) try {
  return run_program({kModprobe, "--", name});
} catch (const Error& error) {
  throw Error(error.code(), name, fmt::format("cannot load {}: {}", name, error.what()),
              "Install the package kmod.");
}

}  // namespace

void carry_out(const LoadModuleOrder& order) {
  const std::string& name = order.name;
  if (!is_module_name(name))
    throw Error(ErrorCode::Usage, name,
                fmt::format("cannot load \"{}\": expected a module name of a-z, 0-9, _ and -", name));
  const Ended ended = run_modprobe(name);
  if (ended.status == 0) return;
  const std::string why = why_failed("modprobe", ended);
  throw Error(ErrorCode::System, name, fmt::format("cannot load {}: {}", name, why));
}

}  // namespace gpupass
