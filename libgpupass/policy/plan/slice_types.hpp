// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpupass/policy.hpp"
#include "policy/slice/offers.hpp"

/// What the plans of slices have in common. They are of three kinds: virtual functions, vGPUs and mediated
/// devices.
namespace gpupass {

/// Adds an assumption, once.
void assume(Plan& plan, Assumption::Kind kind, std::string subject, std::string expected);
/// Adds those of the functions themselves.
void assume_functions(Plan& plan, const Host& host, std::vector<PciAddress> functions);
/// @throws Error Refused where anybody has the slice, may have it, or is defined with it.
void expect_unwanted(const Host& host, DeviceId slice);

/// vGPUs of the type of the offer, one on each virtual function that is free.
Plan plan_vgpus(const Host& host, const PciFunction& gpu, const Offer& offer, const SliceRequest& request);
/// Whether a function that carries a vGPU has what is asked for already.
bool carries_vgpu_called(const Host& host, const PciFunction& function, const std::string& type);
/// Adds the step that takes a vGPU away; none where there is no vGPU.
void destroy_vgpu(Plan& plan, const Host& host, const PciFunction& function);

/// The device that the request names; nullopt: none. @throws Error Usage.
std::optional<DeviceId> named_device(const SliceRequest& request);
/// Whether a mediated device is there, or mdevctl keeps one.
bool is_taken(const Host& host, DeviceId device);
/// @throws Error Refused where nothing can keep mediated devices over boots; the hint is how to mend that.
void expect_keeper(const Host& host, const std::string& subject, const std::string& else_do);
/// Mediated devices of the type of the offer.
Plan plan_mediated(const Host& host, const PciFunction& gpu, const Offer& offer, const SliceRequest& request,
                   const std::optional<DeviceId>& named);
/// The named device is taken: what of the request is still to do. @throws Error Refused where it is another.
Plan plan_mediated_again(const Host& host, const PciFunction& gpu, const SliceRequest& request,
                         DeviceId device);
/// Adds the steps that take it away, for later boots too. @throws Error NotFound, Refused.
void destroy_mediated(Plan& plan, const Host& host, DeviceId device);

}  // namespace gpupass
