// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gpupass/fact.hpp"
#include "gpupass/finding.hpp"

/// What facts and class codes are in words, the same in text and JSON.
namespace gpupass {

Answer answer_of(const Fact<bool>& fact);

/// What a class code is, for the classes near a GPU: "VGA", "audio", "NVMe"; otherwise "device".
std::string_view class_word(std::uint32_t class_code);

}  // namespace gpupass
