// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// What the compiler reads once for all tests.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "gpupass/error.hpp"
#include "gpupass/journal.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "gpupass/render.hpp"

namespace gpupass {

/// Nobody calls it. Most tests copy such values, and the compiler works out how to copy them only here.
inline void copy_most_types(const Host& host, const Plan& plan, const Request& request, const Error& error) {
  Host other_host(host);
  Plan other_plan(plan);
  Request other_request(request);
  const Error other_error(error);
  other_host = host;
  other_plan = plan;
  other_request = request;
  const Host moved_host(std::move(other_host));
  const Plan moved_plan(std::move(other_plan));
  const Request moved_request(std::move(other_request));
}

}  // namespace gpupass
