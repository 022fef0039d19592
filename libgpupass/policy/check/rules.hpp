// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/assess.hpp"
#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"

/// The rules of check(), by their subjects. Each looks at one thing, and adds what it finds; it is silent
/// where a guard tells the same.
namespace gpupass {

using Findings = std::vector<Finding>;

void check_iommu(const Host& host, Findings& findings);
void check_interrupts(const Host& host, Findings& findings);
void check_address_bits(const Host& host, Findings& findings);
void check_acs_override(const Host& host, Findings& findings);
void check_acs_lowered(const Host& host, Findings& findings);
void check_option_ignored(const Host& host, Findings& findings);
void check_kvm(const Host& host, Findings& findings);
void check_virtual_machine(const Host& host, Findings& findings);
void check_vfio(const Host& host, Findings& findings);
void check_lockdown(const Host& host, Findings& findings);
void check_preparation(const Host& host, Findings& findings);

void check_reset(const Host& host, const Assessment& gpu, Findings& findings);
void check_vfio_driver(const Host& host, const Assessment& gpu, Findings& findings);
void check_services(const Host& host, const Assessment& gpu, Findings& findings);
void check_claims(const Host& host, const Assessment& gpu, Findings& findings);
void check_isolation(const Host& host, const Assessment& gpu, Findings& findings);
void check_shared_group(const Host& host, const Assessment& gpu, Findings& findings);
void check_isolated(const Host& host, const Assessment& gpu, Findings& findings);
void check_link(const Host& host, const Assessment& gpu, Findings& findings);
void check_path(const Host& host, const Assessment& gpu, Findings& findings);
void check_errors(const Host& host, const Assessment& gpu, Findings& findings);
void check_resizable_bars(const Host& host, const Assessment& gpu, Findings& findings);
void check_neighbours(const Host& host, const Assessment& gpu, Findings& findings);
void check_node(const Host& host, const Assessment& gpu, Findings& findings);
void check_pages(const Host& host, const Assessment& gpu, Findings& findings);

}  // namespace gpupass
