// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gpupass/assess.hpp"
#include "gpupass/boot.hpp"
#include "gpupass/fact.hpp"
#include "gpupass/finding.hpp"
#include "gpupass/report.hpp"

/// The stable words of enumerations, the same in text and JSON.
namespace gpupass {

template <typename Enum>
std::string_view word(Enum value) {
  return to_string(value);
}
Answer answer_of(const Fact<bool>& fact);

/// What a class code is, for the classes near a GPU: "VGA", "audio", "NVMe"; otherwise "device".
std::string_view class_word(std::uint32_t class_code);

}  // namespace gpupass
