// SPDX-License-Identifier: GPL-2.0-or-later
#include "connection.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <thread>

namespace gpupass {

namespace {

void keep_quiet(void*, virErrorPtr) {}

/// The embedded drivers and the keep-alive of a daemon need the event loop at all times, also while a call
/// waits.
void start_event_loop() {
  if (virEventRegisterDefaultImpl() != 0) throw libvirt_error("start", "libvirt's event loop");
  std::thread([] {
    while (virEventRunDefaultImpl() == 0) {
    }
  }).detach();
}

void on_lifecycle(virConnectPtr, virDomainPtr domain, int, int, void* changes) {
  static_cast<DomainChanges*>(changes)->note(virDomainGetName(domain));
}
void on_removal(virConnectPtr, virDomainPtr domain, const char*, void* changes) {
  static_cast<DomainChanges*>(changes)->note(virDomainGetName(domain));
}
void on_refusal(virConnectPtr, virDomainPtr domain, const char* alias, void* changes) {
  static_cast<DomainChanges*>(changes)->note_refusal(virDomainGetName(domain), alias);
}

/// Events only wake: where a driver does not know one, whoever waits looks again when the time is over.
void subscribe(Connection& connection) {
  using Callback = virConnectDomainEventGenericCallback;
  using Any = void (*)();
  const auto ask_for = [&](int event, Any callback) {
    virConnectDomainEventRegisterAny(connection.handle, nullptr, event, reinterpret_cast<Callback>(callback),
                                     &connection.changes, nullptr);
  };
  ask_for(VIR_DOMAIN_EVENT_ID_LIFECYCLE, reinterpret_cast<Any>(&on_lifecycle));
  ask_for(VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, reinterpret_cast<Any>(&on_removal));
  ask_for(VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, reinterpret_cast<Any>(&on_refusal));
}

/// Whether the last failure to connect says that nobody listens there.
bool nobody_listens() {
  const virErrorPtr error = virGetLastError();
  // Other parts of libvirt report files of their own that are missing.
  return error && error->code == VIR_ERR_SYSTEM_ERROR && error->domain == VIR_FROM_RPC &&
         (error->int1 == ENOENT || error->int1 == ECONNREFUSED);
}

std::string last_message() {
  std::string message = virGetLastErrorMessage();
  while (message.ends_with('\n')) message.pop_back();
  return message;
}

/// A copy of libvirt's last error in this thread: every further call makes libvirt forget it.
struct Saying {
  int code = virGetLastErrorCode();
  std::string message = last_message();

  Error error(const char* verb, const std::string& subject, virConnectPtr asked) const {
    const bool lost = asked && virConnectIsAlive(asked) == 0;
    return Error(lost                        ? ErrorCode::Unavailable
                 : code == VIR_ERR_NO_DOMAIN ? ErrorCode::NotFound
                                             : ErrorCode::System,
                 subject, fmt::format("cannot {} {}: {}", verb, subject, message));
  }
};

Error connection_error(const std::string& uri) {
  return Error(ErrorCode::Unavailable, uri, fmt::format("cannot connect to {}: {}", uri, last_message()));
}

/// While it lives, opening a connection starts no daemon of the user's session.
class NoAutostart {
 public:
  NoAutostart() {
    if (const char* value = getenv(kVariable)) before_ = value;
    setenv(kVariable, "0", 1);
  }
  ~NoAutostart() { before_ ? setenv(kVariable, before_->c_str(), 1) : unsetenv(kVariable); }
  NoAutostart(const NoAutostart&) = delete;
  NoAutostart& operator=(const NoAutostart&) = delete;

 private:
  static constexpr char kVariable[] = "LIBVIRT_AUTOSTART";
  std::optional<std::string> before_;
};

/// Whether the connection must be opened, for the first time or again.
bool needs_opening(Connection& connection) {
  if (connection.handle && virConnectIsAlive(connection.handle) == 1) return false;
  if (connection.handle) virConnectClose(connection.handle);
  connection.handle = nullptr;
  return true;
}

}  // namespace

void DomainChanges::note(const std::string& name) {
  const std::lock_guard lock(mutex_);
  names_.insert(name);
  noted_.notify_all();
}

void DomainChanges::note_refusal(const std::string& name, const std::string& alias) {
  const std::lock_guard lock(mutex_);
  refusals_[name].insert(alias);
  noted_.notify_all();
}

void DomainChanges::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  names_.erase(name);
}

void DomainChanges::forget_refusals(const std::string& name) {
  const std::lock_guard lock(mutex_);
  refusals_.erase(name);
}

std::set<std::string> DomainChanges::wait(const std::string& name, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  noted_.wait_for(lock, timeout, [&] { return names_.contains(name) || refusals_.contains(name); });
  const auto refused = refusals_.extract(name);  // Told once, or the next wait would be none.
  return refused ? refused.mapped() : std::set<std::string>{};
}

void Connections::prepare() {
  if (prepared_) return;
  virSetErrorFunc(nullptr, keep_quiet);
  start_event_loop();
  prepared_ = true;
}

Connection* Connections::read_only(const std::string& uri, Daemon daemon) {
  Connection& connection = read_only_[uri];
  if (!needs_opening(connection)) return &connection;
  prepare();
  std::optional<NoAutostart> no_autostart;
  if (daemon == Daemon::MustRun) no_autostart.emplace();
  connection.handle = virConnectOpenReadOnly(uri.c_str());
  if (connection.handle) return &connection;
  if (nobody_listens()) return nullptr;
  throw connection_error(uri);
}

Connection& Connections::read_write(const std::string& uri) {
  Connection& connection = read_write_[uri];
  if (!needs_opening(connection)) return connection;
  prepare();
  connection.handle = virConnectOpen(uri.c_str());
  if (!connection.handle) throw connection_error(uri);
  subscribe(connection);
  return connection;
}

DomainHandle find_domain(const Connection& connection, const std::string& name) {
  DomainHandle domain(virDomainLookupByName(connection.handle, name.c_str()));
  if (!domain) throw libvirt_error("find", name, connection.handle);
  return domain;
}

Error libvirt_error(const char* verb, const std::string& subject, virConnectPtr asked) {
  const Saying said;
  return said.error(verb, subject, asked);
}

Error libvirt_error(const char* verb, virDomainPtr domain) {
  const Saying said;
  return said.error(verb, virDomainGetName(domain), virDomainGetConnect(domain));
}

}  // namespace gpupass
