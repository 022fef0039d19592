// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include "request.hpp"

class Connections;

/// What the worker can be asked for. Each returns the "result" of the answer, null where there is nothing,
/// and throws gpupass::Error.

/// The CPUs below "root".
nlohmann::json cpu_topology(const Request& request);

/// The content of the file "path", without its last newline; {"unknown": why} when it cannot be read.
nlohmann::json read_attribute(const Request& request);
/// What changes something also has a "lock": the file to hold meanwhile, or "".

/// One write(2) of "value" into the file "path".
nlohmann::json write_attribute(const Request& request);
/// The kernel module "name".
nlohmann::json load_module(const Request& request);

/// What of the boot image "path" is about gpupass or vfio: paths, ascending; null where there is no such
/// file. "tool" is "initramfs-tools" or "dracut".
nlohmann::json list_boot_image(const Request& request);
/// Builds the boot image of "kernel" into the file "path", on disk when it returns.
nlohmann::json build_boot_image(const Request& request);
/// Exchanges the files "path" and "other", and tells the boot loader's programs of the new one.
nlohmann::json exchange_boot_images(const Request& request);
/// Whether systemd runs the service "unit".
nlohmann::json service_running(const Request& request);
/// Starts the service "unit" when it is to be "running", else stops it; returns when that is done.
nlohmann::json set_service(const Request& request);
/// NVIDIA's persistence mode of each of "devices", in their order; {"unknown": why} where it cannot be read.
nlohmann::json persistence_modes(const Request& request);
/// That of "device", from now on "on" or not.
nlohmann::json set_persistence_mode(const Request& request);

/// All domains of "uri", without secrets; null when no libvirt runs there.
nlohmann::json list_domains(Connections& connections, const Request& request);
/// The domain "name" of "uri", with its secrets; null when there is none.
nlohmann::json describe_domain(Connections& connections, const Request& request);
/// Returns when something happened to "name" since it was last described, or "timeout_ms" are over; "refused"
/// has the aliases of the devices that it has refused to let go of since it was last asked to, each once.
nlohmann::json wait_for_change(Connections& connections, const Request& request);

nlohmann::json define_domain(Connections& connections, const Request& request);
nlohmann::json undefine_domain(Connections& connections, const Request& request);
/// "xml" as the metadata of "namespace" in the persistent definition of "name"; empty: none.
nlohmann::json set_metadata(Connections& connections, const Request& request);
nlohmann::json start_domain(Connections& connections, const Request& request);
nlohmann::json destroy_domain(Connections& connections, const Request& request);
/// The device "xml" into or out of the definition "scope" ("live" or "config") of "name".
nlohmann::json attach_device(Connections& connections, const Request& request);
nlohmann::json detach_device(Connections& connections, const Request& request);
