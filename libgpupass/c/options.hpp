// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "codec/fields/field.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/system.hpp"
#include "values/names.hpp"

/// The objects that callers write beside requests. Their keys are those that gpupass.h names.
namespace gpupass {

template <>
inline constexpr auto kNames<Definitions> =
    std::to_array<Named<Definitions>>({{Definitions::All, "all"},
                                       {Definitions::Live, "live"},
                                       {Definitions::Config, "config"},
                                       {Definitions::Both, "both"}});

struct OpenOptions {
  std::string root = "/";
  std::string libvirt_uri = {};
  std::string worker = {};
  std::uint32_t deadline_ms = 10'000;
  std::uint32_t write_deadline_ms = 120'000;
};

struct PlanOptions {
  std::vector<PciAddress> force = {};
  std::vector<std::string> stop = {};
  bool at_boot = false;
  bool start = false;
  bool replace = false;
  Definitions definitions = Definitions::All;
  std::uint32_t timeout_seconds = 60;
};

struct PrepareOptions {
  std::vector<std::string> fix = {};
  unsigned guests = 0;
  unsigned gpus = 1;
  std::uint64_t memory_bytes = 0;
  std::uint64_t page_size_bytes = 0;
  bool at_boot = false;
  bool undo = false;
};

struct TuneOptions {
  bool undo = false;
};

struct QuarantineOptions {
  std::string reason = {};
  bool release = false;
};

struct SliceCreateOptions {
  std::optional<unsigned> vfs = {};
  std::string type = {};
  unsigned count = 1;
  std::string uuid = {};
  bool at_boot = false;
  std::optional<std::vector<std::string>> mig = {};
};

struct SliceDestroyOptions {
  std::optional<std::vector<std::string>> mig = {};
  bool mig_off = false;
};

struct PackOptions {
  std::uint32_t deadline_ms = 5'000;
};

struct ViewOptions {
  std::uint32_t columns = 0;
  bool colour = false;
  bool verbose = false;
  bool boxes = false;
};

void fields(auto& visit, Is<OpenOptions> auto& options) {
  visit("root", options.root);
  visit("libvirt_uri", options.libvirt_uri);
  visit("worker", options.worker);
  visit("deadline_ms", options.deadline_ms);
  visit("write_deadline_ms", options.write_deadline_ms);
}

void fields(auto& visit, Is<PlanOptions> auto& options) {
  visit("force", options.force);
  visit("stop", options.stop);
  visit("at_boot", options.at_boot);
  visit("start", options.start);
  visit("replace", options.replace);
  visit("definitions", options.definitions);
  visit("timeout_seconds", options.timeout_seconds);
}

void fields(auto& visit, Is<PrepareOptions> auto& options) {
  visit("fix", options.fix);
  visit("guests", options.guests);
  visit("gpus", options.gpus);
  visit("memory_bytes", options.memory_bytes);
  visit("page_size_bytes", options.page_size_bytes);
  visit("at_boot", options.at_boot);
  visit("undo", options.undo);
}

void fields(auto& visit, Is<TuneOptions> auto& options) {
  visit("undo", options.undo);
}

void fields(auto& visit, Is<QuarantineOptions> auto& options) {
  visit("reason", options.reason);
  visit("release", options.release);
}

void fields(auto& visit, Is<SliceCreateOptions> auto& options) {
  visit("vfs", options.vfs);
  visit("type", options.type);
  visit("count", options.count);
  visit("uuid", options.uuid);
  visit("at_boot", options.at_boot);
  visit("mig", options.mig);
}

void fields(auto& visit, Is<SliceDestroyOptions> auto& options) {
  visit("mig", options.mig);
  visit("mig_off", options.mig_off);
}

void fields(auto& visit, Is<PackOptions> auto& options) {
  visit("deadline_ms", options.deadline_ms);
}

void fields(auto& visit, Is<ViewOptions> auto& options) {
  visit("columns", options.columns);
  visit("colour", options.colour);
  visit("verbose", options.verbose);
  visit("boxes", options.boxes);
}

inline SystemOptions system_options(const OpenOptions& options) {
  return {.root = options.root,
          .libvirt_uri = options.libvirt_uri,
          .uri_given = !options.libvirt_uri.empty(),
          .deadline = std::chrono::milliseconds(options.deadline_ms),
          .write_deadline = std::chrono::milliseconds(options.write_deadline_ms),
          .worker = options.worker};
}

inline PrepareRequest prepare_request(const PrepareOptions& options) {
  PrepareRequest request{options.fix, {}, options.at_boot ? PagesNow::Leave : PagesNow::Reserve};
  if (options.guests > 0)
    request.guests = {options.guests, options.gpus, options.memory_bytes, options.page_size_bytes};
  return request;
}

inline BindOptions bind_options(const PlanOptions& options) {
  return {.force = options.force, .stop = options.stop};
}

inline AttachOptions attach_options(const PlanOptions& options) {
  return {.definitions = options.definitions,
          .timeout_seconds = options.timeout_seconds,
          .bind = bind_options(options)};
}

}  // namespace gpupass
