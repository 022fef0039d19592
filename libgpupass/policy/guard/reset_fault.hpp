// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

#include "gpupass/pci.hpp"

namespace gpupass {

/// A model of which it is known that a reset does not bring it back.
struct ResetFault {
  std::string_view model;
  std::string_view source;  ///< Who reported it.
  std::string_view remedy;
};

/// @returns nullptr when nothing is known against its reset, or the kernel has a reset made for the model.
const ResetFault* reset_fault(const PciFunction& gpu);

}  // namespace gpupass
