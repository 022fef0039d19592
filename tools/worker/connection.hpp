// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "gpupass/error.hpp"
#include "libvirt.hpp"

namespace gpupass {

struct CloseDomain {
  void operator()(virDomainPtr domain) const { virDomainFree(domain); }
};
using DomainHandle = std::unique_ptr<virDomain, CloseDomain>;

/// Names of domains to which something happened since they were last looked at, and the aliases of the
/// devices that they refused to let go of since they were last asked to.
class DomainChanges {
 public:
  void note(const std::string& name);
  void note_refusal(const std::string& name, const std::string& alias);
  void forget(const std::string& name);
  void forget_refusals(const std::string& name);
  /// Sleeps until something is noted of `name`, or the time is over. @returns what it has refused, once.
  std::set<std::string> wait(const std::string& name, std::chrono::milliseconds timeout);

 private:
  std::mutex mutex_;
  std::condition_variable noted_;
  std::set<std::string> names_;
  std::map<std::string, std::set<std::string>> refusals_;
};

/// One open connection to a hypervisor.
struct Connection {
  virConnectPtr handle = nullptr;
  DomainChanges changes;
};

/// Whether a daemon may be started for the sake of a question.
enum class Daemon { MustRun, MayStart };

/// The connections of this process. They stay open: test: and qemu:///embed keep their guests in it.
class Connections {
 public:
  /// A connection that can only read. @returns nullptr when no libvirt runs there.
  Connection* read_only(const std::string& uri, Daemon daemon);
  /// A connection that can change things. @throws Error Unavailable.
  Connection& read_write(const std::string& uri);

 private:
  void prepare();

  bool prepared_ = false;
  std::map<std::string, Connection> read_only_;
  std::map<std::string, Connection> read_write_;
};

/// The domain of that name. @throws Error NotFound.
DomainHandle find_domain(const Connection& connection, const std::string& name);

/// What libvirt said last in this thread, as an error: "cannot <verb> <subject>: ...". Unavailable where the
/// connection over which it was asked has been lost.
Error libvirt_error(const char* verb, const std::string& subject, virConnectPtr asked = nullptr);
Error libvirt_error(const char* verb, virDomainPtr domain);

}  // namespace gpupass
