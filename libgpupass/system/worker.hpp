// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/fact.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// The small program that does whatever may block for ever or needs a library that this process must not load.
/// It is started by the first call, spoken to with JSON lines over pipes, and killed when an answer misses its
/// deadline; the next call starts another.
class Worker {
 public:
  explicit Worker(std::chrono::milliseconds deadline);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Sends one request and waits for its answer: the value of its "result".
  /// @throws Error Timeout when none came, Unavailable when there is no worker, else what the worker reports.
  nlohmann::json call(const nlohmann::json& request);
  nlohmann::json call(const nlohmann::json& request, std::chrono::milliseconds deadline);

  /// The file's content without its last newline, as System::read_guarded().
  Fact<std::string> read(const std::string& path);
  /// @throws Error Wedged when the write did not return before the deadline.
  void write(const std::string& path, std::string_view value);
  /// The CPUs below a root, "/" for the running machine. Absent when the tree describes none.
  Fact<CpuTopology> cpu_topology(const std::string& root);
  /// All domains of a hypervisor, without secrets. Absent when libvirt is not installed or not running.
  Fact<std::vector<DomainXml>> domains(const std::string& uri);
  void load_module(const std::string& name);

 private:
  struct Process;
  std::unique_ptr<Process> process_;
  std::chrono::milliseconds deadline_;
};

/// The hypervisor behind a worker of its own. Connects when first used.
std::unique_ptr<Hypervisor> open_hypervisor(const std::string& uri, std::chrono::milliseconds deadline);

}  // namespace gpupass
