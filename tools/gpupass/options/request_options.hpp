// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gpupass/request.hpp"
#include "invocation.hpp"

/// What place, xml and define share: how a guest is asked for.
namespace gpupass {

inline constexpr unsigned kMostGpus = 256;

void describe_request_options(po::options_description& options);

/// The value of --memory; nullopt when it was not given. @throws Error Usage.
std::optional<std::uint64_t> memory_option(const Invocation& invocation);

/// What the options ask for. @throws Error Usage.
Request request_of(const Invocation& invocation);

/// Every function that a request may name, for look().
std::vector<std::string> names_in(const Request& request);

}  // namespace gpupass
