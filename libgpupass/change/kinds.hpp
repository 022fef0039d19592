// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// All kinds of change.
#include "change/boot.hpp"
#include "change/console.hpp"
#include "change/device.hpp"
#include "change/domain.hpp"
#include "change/driver.hpp"
#include "change/home.hpp"
#include "change/mig.hpp"
#include "change/own_file.hpp"
#include "change/preparation.hpp"
#include "change/reset.hpp"
#include "change/seed.hpp"
#include "change/settings.hpp"
#include "change/slices.hpp"
#include "change/tuning.hpp"
#include "change/virtual_functions.hpp"
