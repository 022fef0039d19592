// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/pci.hpp"

/// What is known of models of GPUs, as gpupass-models(5) describes it.
namespace gpupass {

/// One row: what is known of all cards with one of these ids.
struct ModelRow {
  std::uint16_t vendor = 0;
  std::vector<std::uint16_t> devices;
  bool reset_fails = true;  ///< Otherwise nothing is known against the model.
  std::string until;        ///< The first kernel that is free of it, "6.12". Empty: none is.
  KnownModel known;
};

/// @throws Error Malformed.
std::vector<ModelRow> parse_models(std::string_view text);

}  // namespace gpupass
