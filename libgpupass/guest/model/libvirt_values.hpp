// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gpupass/cpu_set.hpp"

/// How libvirt writes sets and sizes.
namespace gpupass {

/// The kernel's lists, and "^3" to take one out again: "0-7,^3". @returns nullopt for anything else.
std::optional<CpuSet> set_from(std::string_view text);

/// A number and its unit: without a unit it is KiB; "KB" is 1000 bytes, "KiB" 1024.
std::optional<std::uint64_t> bytes_from(const std::string& number, const std::string& unit);

/// Of x86_64.
inline constexpr std::uint64_t kOrdinaryPageBytes = 4096;

}  // namespace gpupass
