// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/host.hpp"
#include "gpupass/names.hpp"

/// Short names for the tables, where each character counts.
namespace gpupass {

/// "65:00.0": an address without its domain, if the host has no other domain than 0000.
std::string short_address(const Host& host, DeviceId device);
/// "H100 SXM5 80GB": what a model is sold as, which the database has in brackets behind the chip's name;
/// "10de:2330" if the database has no name.
std::string model_name(const PciFunction& function, const NameLookup& names);

}  // namespace gpupass
