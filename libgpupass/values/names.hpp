// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "gpupass/assess.hpp"
#include "gpupass/boot.hpp"
#include "gpupass/domain.hpp"
#include "gpupass/error.hpp"
#include "gpupass/fact.hpp"
#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"
#include "gpupass/pci.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/report.hpp"
#include "gpupass/request.hpp"
#include "gpupass/slices.hpp"
#include "gpupass/state.hpp"

/// The names of all enumerators, said once: text, JSON, files and the worker's protocol take them from here.
/// to_string() of the contract gives them to everybody.
namespace gpupass {

template <typename Enum>
using Named = std::pair<Enum, std::string_view>;

template <typename Enum>
inline constexpr std::array<Named<Enum>, 0> kNames{};

template <>
inline constexpr auto kNames<Answer> =
    std::to_array<Named<Answer>>({{Answer::Yes, "yes"}, {Answer::No, "no"}, {Answer::Unknown, "unknown"}});

template <>
inline constexpr auto kNames<Verdict> = std::to_array<Named<Verdict>>({{Verdict::Pass, "pass"},
                                                                       {Verdict::Warn, "warn"},
                                                                       {Verdict::Fail, "fail"},
                                                                       {Verdict::Unknown, "unknown"}});

template <>
inline constexpr auto kNames<GpuUse> =
    std::to_array<Named<GpuUse>>({{GpuUse::Host, "host"}, {GpuUse::Whole, "whole"}});

template <>
inline constexpr auto kNames<Tuning> =
    std::to_array<Named<Tuning>>({{Tuning::Governor, "governor"},
                                  {Tuning::Interrupts, "interrupts"},
                                  {Tuning::Ksm, "ksm"},
                                  {Tuning::NumaBalancing, "numa-balancing"},
                                  {Tuning::Services, "services"}});

template <>
inline constexpr auto kNames<GpuState> =
    std::to_array<Named<GpuState>>({{GpuState::Host, "host"},
                                    {GpuState::Vfio, "vfio"},
                                    {GpuState::Partial, "partly"},
                                    {GpuState::Assigned, "assigned"},
                                    {GpuState::Unbound, "unbound"},
                                    {GpuState::Sliced, "sliced"},
                                    {GpuState::Wedged, "wedged"},
                                    {GpuState::Quarantined, "quarantined"},
                                    {GpuState::Unknown, "unknown"}});

template <>
inline constexpr auto kNames<SliceKind> = std::to_array<Named<SliceKind>>({{SliceKind::VirtualFunction, "vf"},
                                                                           {SliceKind::Mediated, "mdev"},
                                                                           {SliceKind::Vgpu, "vgpu"},
                                                                           {SliceKind::Mig, "mig"}});

template <>
inline constexpr auto kNames<Role> = std::to_array<Named<Role>>(
    {{Role::Gpu, "gpu"}, {Role::Companion, "companion"}, {Role::Bridge, "bridge"}, {Role::Other, "other"}});

template <>
inline constexpr auto kNames<Outcome> =
    std::to_array<Named<Outcome>>({{Outcome::Done, "done"},
                                   {Outcome::Already, "already"},
                                   {Outcome::RolledBack, "rolled-back"},
                                   {Outcome::RollbackIncomplete, "rollback-incomplete"},
                                   {Outcome::Pending, "pending"},
                                   {Outcome::Wedged, "wedged"}});

template <>
inline constexpr auto kNames<StepState> =
    std::to_array<Named<StepState>>({{StepState::NotReached, "not-reached"},
                                     {StepState::Done, "done"},
                                     {StepState::Failed, "failed"},
                                     {StepState::Pending, "pending"},
                                     {StepState::Wedged, "wedged"}});

template <>
inline constexpr auto kNames<UndoState> = std::to_array<Named<UndoState>>({{UndoState::None, "none"},
                                                                           {UndoState::Done, "done"},
                                                                           {UndoState::Failed, "failed"},
                                                                           {UndoState::Left, "left"}});

template <>
inline constexpr auto kNames<Event::Kind> =
    std::to_array<Named<Event::Kind>>({{Event::Kind::Begun, "begun"},
                                       {Event::Kind::Done, "done"},
                                       {Event::Kind::Pending, "pending"},
                                       {Event::Kind::Failed, "failed"},
                                       {Event::Kind::Wedged, "wedged"},
                                       {Event::Kind::Undone, "undone"},
                                       {Event::Kind::UndoFailed, "undo-failed"},
                                       {Event::Kind::UndoLeft, "undo-left"}});

template <>
inline constexpr auto kNames<Assumption::Kind> =
    std::to_array<Named<Assumption::Kind>>({{Assumption::Kind::Link, "link"},
                                            {Assumption::Kind::Attribute, "attribute"},
                                            {Assumption::Kind::Domain, "domain"}});

template <>
inline constexpr auto kNames<Scope> =
    std::to_array<Named<Scope>>({{Scope::Live, "live"}, {Scope::Config, "config"}});

template <>
inline constexpr auto kNames<BootTool> = std::to_array<Named<BootTool>>(
    {{BootTool::InitramfsTools, "initramfs-tools"}, {BootTool::Dracut, "dracut"}});

template <>
inline constexpr auto kNames<ExpressType> =
    std::to_array<Named<ExpressType>>({{ExpressType::Endpoint, "endpoint"},
                                       {ExpressType::LegacyEndpoint, "legacy endpoint"},
                                       {ExpressType::RootPort, "root port"},
                                       {ExpressType::UpstreamPort, "switch upstream port"},
                                       {ExpressType::DownstreamPort, "switch downstream port"},
                                       {ExpressType::PcieToPciBridge, "PCIe to PCI bridge"},
                                       {ExpressType::PciToPcieBridge, "PCI to PCIe bridge"},
                                       {ExpressType::RootComplexEndpoint, "root complex endpoint"},
                                       {ExpressType::RootComplexEventCollector, "event collector"}});

template <>
inline constexpr auto kNames<NumaPolicy> =
    std::to_array<Named<NumaPolicy>>({{NumaPolicy::Required, "required"},
                                      {NumaPolicy::Socket, "socket"},
                                      {NumaPolicy::Preferred, "preferred"}});

template <>
inline constexpr auto kNames<VirtType> =
    std::to_array<Named<VirtType>>({{VirtType::Kvm, "kvm"}, {VirtType::Qemu, "qemu"}});

template <>
inline constexpr auto kNames<Firmware> =
    std::to_array<Named<Firmware>>({{Firmware::Uefi, "uefi"}, {Firmware::Bios, "bios"}});

template <>
inline constexpr auto kNames<GuestSystem> =
    std::to_array<Named<GuestSystem>>({{GuestSystem::Linux, "linux"}, {GuestSystem::Windows, "windows"}});

template <>
inline constexpr auto kNames<DeviceUse::Kind> =
    std::to_array<Named<DeviceUse::Kind>>({{DeviceUse::Kind::Console, "console"},
                                           {DeviceUse::Kind::Exported, "exported"},
                                           {DeviceUse::Kind::Framebuffer, "framebuffer"},
                                           {DeviceUse::Kind::Fstab, "fstab"},
                                           {DeviceUse::Kind::Guest, "guest"},
                                           {DeviceUse::Kind::Held, "held"},
                                           {DeviceUse::Kind::Mdev, "mdev"},
                                           {DeviceUse::Kind::Mounted, "mounted"},
                                           {DeviceUse::Kind::Network, "network"},
                                           {DeviceUse::Kind::Route, "route"},
                                           {DeviceUse::Kind::Stacked, "stacked"},
                                           {DeviceUse::Kind::Swap, "swap"},
                                           {DeviceUse::Kind::Unseen, "unseen"},
                                           {DeviceUse::Kind::Zfs, "zfs"}});

template <>
inline constexpr auto kNames<Claim::Owner> =
    std::to_array<Named<Claim::Owner>>({{Claim::Owner::Driverctl, "driverctl"},
                                        {Claim::Owner::Kernel, "kernel"},
                                        {Claim::Owner::Modprobe, "modprobe"},
                                        {Claim::Owner::Udev, "udev"},
                                        {Claim::Owner::Unraid, "unraid"}});

template <>
inline constexpr auto kNames<DirectLink::Kind> =
    std::to_array<Named<DirectLink::Kind>>({{DirectLink::Kind::Xgmi, "xgmi"}});

template <>
inline constexpr auto kNames<Way> = std::to_array<Named<Way>>({{Way::Itself, "X"},
                                                               {Way::Xgmi, "XGMI"},
                                                               {Way::OneSwitch, "PIX"},
                                                               {Way::Switches, "PXB"},
                                                               {Way::HostBridge, "PHB"},
                                                               {Way::Node, "NODE"},
                                                               {Way::Nodes, "SYS"},
                                                               {Way::Unknown, "?"}});

template <>
inline constexpr auto kNames<WayMatrix::Kind> = std::to_array<Named<WayMatrix::Kind>>(
    {{WayMatrix::Kind::Gpu, "gpu"}, {WayMatrix::Kind::Network, "network"}, {WayMatrix::Kind::Nvme, "nvme"}});

template <>
inline constexpr auto kNames<LinkHealth> =
    std::to_array<Named<LinkHealth>>({{LinkHealth::Best, "best"},
                                      {LinkHealth::Resting, "resting"},
                                      {LinkHealth::Slow, "slow"},
                                      {LinkHealth::Narrow, "narrow"},
                                      {LinkHealth::Unknown, "unknown"}});

template <>
inline constexpr auto kNames<ErrorCode> =
    std::to_array<Named<ErrorCode>>({{ErrorCode::Usage, "usage"},
                                     {ErrorCode::NotFound, "not-found"},
                                     {ErrorCode::Malformed, "malformed"},
                                     {ErrorCode::Refused, "refused"},
                                     {ErrorCode::Unavailable, "unavailable"},
                                     {ErrorCode::Busy, "busy"},
                                     {ErrorCode::Timeout, "timeout"},
                                     {ErrorCode::Wedged, "wedged"},
                                     {ErrorCode::System, "system"},
                                     {ErrorCode::Cancelled, "cancelled"}});

/// Names of earlier versions, which their files still have.
template <typename Enum>
inline constexpr std::array<Named<Enum>, 0> kFormerNames{};

template <>
inline constexpr auto kFormerNames<ExpressType> = std::to_array<Named<ExpressType>>(
    {{ExpressType::LegacyEndpoint, "legacy-endpoint"},
     {ExpressType::RootPort, "root-port"},
     {ExpressType::UpstreamPort, "upstream-port"},
     {ExpressType::DownstreamPort, "downstream-port"},
     {ExpressType::PcieToPciBridge, "pcie-to-pci-bridge"},
     {ExpressType::PciToPcieBridge, "pci-to-pcie-bridge"},
     {ExpressType::RootComplexEndpoint, "root-complex-endpoint"},
     {ExpressType::RootComplexEventCollector, "root-complex-event-collector"}});

/// The enumerator that has this name, or had it. nullopt: none.
template <typename Enum>
std::optional<Enum> named(std::string_view name) {
  for (const auto& [value, known] : kNames<Enum>)
    if (known == name) return value;
  for (const auto& [value, known] : kFormerNames<Enum>)
    if (known == name) return value;
  return std::nullopt;
}

}  // namespace gpupass
