// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/fact.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

class WorkerProcess;

/// Whether libvirt may start a daemon of the user's session for the sake of a question.
enum class Daemon { MustRun, MayStart };

/// The small program that does whatever may block for ever or needs a library that this process must not
/// load. It is started by the first call, spoken to with JSON lines over a socket, and killed when an answer
/// misses its deadline; the next call starts another. It is $GPUPASS_WORKER, else gpupass-worker beside this
/// program, else the installed one; what it says on its standard error output is kept when
/// $GPUPASS_WORKER_STDERR is set.
class Worker {
 public:
  explicit Worker(std::chrono::milliseconds deadline);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Sends one request ({"op": ..., and its arguments}) and waits for its answer: the value of its "result".
  /// @throws Error Timeout when none came, Unavailable when there is no worker, Malformed when the answer is
  /// none, else what the worker reports.
  nlohmann::json call(const nlohmann::json& request);
  nlohmann::json call(const nlohmann::json& request, std::chrono::milliseconds deadline);

  /// The file's content without its last newline, as System::read_guarded().
  Fact<std::string> read(const std::string& path);
  /// @throws Error Wedged when the write did not return before the deadline.
  void write(const std::string& path, std::string_view value, const std::string& lock,
             std::chrono::milliseconds deadline);
  /// write() and then read(), in one request: each takes longer to be asked and answered than to be done.
  Fact<std::string> set(const std::string& path, std::string_view value, const std::string& lock,
                        std::chrono::milliseconds deadline);
  /// The CPUs below a root, "/" for the running machine. Absent when the tree describes none.
  Fact<CpuTopology> cpu_topology(const std::string& root);
  /// All domains of a hypervisor, ascending by name, without secrets. Absent when libvirt is not running
  /// there.
  Fact<std::vector<DomainXml>> domains(const std::string& uri, Daemon daemon = Daemon::MustRun);
  /// What is true or false; unknown when no answer comes, or an error.
  Fact<bool> flag(const nlohmann::json& request);
  /// As System::persistence_modes().
  std::vector<Fact<bool>> persistence_modes(const std::vector<PciAddress>& devices);
  /// @throws Error System with what modprobe says.
  void load_module(const std::string& name, std::chrono::milliseconds deadline);
  /// As System::list_boot_image() and the others. `lock` is a file that stays locked while anything of it
  /// goes on, also when nobody waits for it any more.
  Fact<std::vector<std::string>> list_boot_image(BootTool tool, const std::string& path,
                                                 std::chrono::milliseconds deadline);
  void build_boot_image(BootTool tool, const std::string& kernel, const std::string& path,
                        const std::string& lock, std::chrono::milliseconds deadline);
  void exchange_boot_image(BootTool tool, const BootImage& image, const std::string& lock,
                           std::chrono::milliseconds deadline);

 private:
  void start(std::chrono::steady_clock::time_point until);
  nlohmann::json write(const nlohmann::json& request, std::chrono::milliseconds deadline);

  std::chrono::milliseconds deadline_;
  std::unique_ptr<WorkerProcess> process_;
  std::uint64_t last_id_ = 0;
};

/// The file that the worker locks while it changes a guest, an absolute path; "": none.
using LockOfGuest = std::function<std::string(const std::string& guest)>;

/// The hypervisor behind a worker of its own. Connects when first used.
std::unique_ptr<Hypervisor> open_hypervisor(const std::string& uri, std::chrono::milliseconds deadline,
                                            LockOfGuest lock_of_guest = {});

}  // namespace gpupass
