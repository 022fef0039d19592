// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "codec/fields.hpp"
#include "gpupass/error.hpp"
#include "gpupass/services.hpp"

/// Everything that the library can ask of gpupass-worker, defined once for both ends. A request is a line of
/// JSON,
/// {"id": 1, "op": its kRequestName, "lock": a file or "", and its fields}; its answer is {"id": 1, "result":
/// ...}, where null is absent and {"unknown": why} is unknown, or {"id": 1, "error": a Failure}. This is
/// written by hand as Debian 12 has no RPC library for a pipe to one's own child; later ones have sd-varlink.
namespace gpupass {

/// Both ends must come from one build; otherwise they refuse each other.
inline constexpr unsigned kWorkerProtocol = 2;

// --- what System's own functions ask for ---

/// A file's content without its last newline.
struct ReadFile {
  using Reply = std::string;
  std::string path;
};

/// Writes a file in one write(2). @returns its content afterwards where that is asked for, else absent.
struct WriteFile {
  using Reply = std::string;
  std::string path;
  std::string value;
  bool read_back = false;
};

/// The CPUs below a root, "/" for the running machine.
struct ReadCpuTopology {
  using Reply = CpuTopology;
  std::string root;
};

/// All domains of a hypervisor, without secrets. Absent: libvirt is not running there.
struct ListDomains {
  using Reply = std::vector<DomainXml>;
  std::string uri;
  bool may_start_daemon = false;  ///< Of the user's session, for the sake of this question.
};

/// One domain, with its secrets.
struct DescribeDomain {
  using Reply = DomainXml;
  std::string uri;
  std::string name;
};

/// Returns when something happened to the domain since it was last described, or when the time is over. The
/// answer has the aliases of the devices that it refused to release since the last request, each once.
struct WaitForChange {
  using Reply = std::vector<std::string>;
  std::string uri;
  std::string name;
  unsigned timeout_ms = 0;
};

struct DefineDomain {
  std::string uri;
  std::string xml;
};

struct UndefineDomain {
  std::string uri;
  std::string name;
};

struct SetDomainMetadata {
  std::string uri;
  std::string name;
  std::string xml_namespace;
  std::string xml;  ///< Empty: none.
};

struct StartDomain {
  std::string uri;
  std::string name;
};

struct DestroyDomain {
  std::string uri;
  std::string name;
};

struct AttachDevice {
  std::string uri;
  std::string name;
  std::string xml;
  Scope scope = Scope::Config;
};

struct DetachDevice {
  std::string uri;
  std::string name;
  std::string xml;
  Scope scope = Scope::Config;
};

/// An Error on its way between two processes.
struct Failure {
  ErrorCode code = ErrorCode::System;
  std::string subject;
  std::string message;
  std::string hint;
};

// --- their names, and how long an answer may take where that is longer than SystemOptions says ---

template <typename Request>
inline constexpr std::string_view kRequestName;
template <typename Request>
inline constexpr unsigned kLongestSeconds = 0;

template <>
inline constexpr std::string_view kRequestName<ReadFile> = "read";
template <>
inline constexpr std::string_view kRequestName<WriteFile> = "write";
template <>
inline constexpr std::string_view kRequestName<ReadCpuTopology> = "cpu-topology";
template <>
inline constexpr std::string_view kRequestName<ListDomains> = "domains";
template <>
inline constexpr std::string_view kRequestName<DescribeDomain> = "domain";
template <>
inline constexpr std::string_view kRequestName<WaitForChange> = "wait-for-change";
template <>
inline constexpr std::string_view kRequestName<BootImageQuestion> = "list-boot-image";
template <>
inline constexpr std::string_view kRequestName<ServiceQuestion> = "service-running";
template <>
inline constexpr std::string_view kRequestName<PersistenceQuestion> = "persistence-modes";
template <>
inline constexpr std::string_view kRequestName<DefineDomain> = "define";
template <>
inline constexpr std::string_view kRequestName<UndefineDomain> = "undefine";
template <>
inline constexpr std::string_view kRequestName<SetDomainMetadata> = "set-metadata";
template <>
inline constexpr std::string_view kRequestName<StartDomain> = "start";
template <>
inline constexpr std::string_view kRequestName<DestroyDomain> = "destroy";
template <>
inline constexpr std::string_view kRequestName<AttachDevice> = "attach";
template <>
inline constexpr std::string_view kRequestName<DetachDevice> = "detach";
template <>
inline constexpr std::string_view kRequestName<LoadModuleOrder> = "load-module";
template <>
inline constexpr std::string_view kRequestName<BuildBootImageOrder> = "build-boot-image";
template <>
inline constexpr std::string_view kRequestName<ExchangeBootImageOrder> = "exchange-boot-images";
template <>
inline constexpr std::string_view kRequestName<DropBootImageOrder> = "drop-boot-image";
template <>
inline constexpr std::string_view kRequestName<ServiceOrder> = "set-service";
template <>
inline constexpr std::string_view kRequestName<PersistenceOrder> = "set-persistence-mode";

template <>
inline constexpr unsigned kLongestSeconds<DefineDomain> = 60;
template <>
inline constexpr unsigned kLongestSeconds<UndefineDomain> = 60;
template <>
inline constexpr unsigned kLongestSeconds<SetDomainMetadata> = 60;
/// It allocates and clears all of the guest's memory.
template <>
inline constexpr unsigned kLongestSeconds<StartDomain> = 600;
/// A guest with host devices gets time to let go of each.
template <>
inline constexpr unsigned kLongestSeconds<DestroyDomain> = 120;
/// It pins all of the guest's memory.
template <>
inline constexpr unsigned kLongestSeconds<AttachDevice> = 120;
template <>
inline constexpr unsigned kLongestSeconds<DetachDevice> = 120;
/// An image is listed within seconds, and built within minutes; a busy machine takes longer.
template <>
inline constexpr unsigned kLongestSeconds<BootImageQuestion> = 300;
template <>
inline constexpr unsigned kLongestSeconds<BuildBootImageOrder> = 3600;
/// The boot loader's own programs copy images around.
template <>
inline constexpr unsigned kLongestSeconds<ExchangeBootImageOrder> = 600;

/// The questions: the worker answers them and changes nothing.
using WorkerQuestions = std::variant<ReadFile, ReadCpuTopology, ListDomains, DescribeDomain, WaitForChange,
                                     BootImageQuestion, ServiceQuestion, PersistenceQuestion>;
/// The orders. The worker holds the request's lock until it is done, even if nobody waits for it any longer.
using WorkerOrders =
    std::variant<WriteFile, DefineDomain, UndefineDomain, SetDomainMetadata, StartDomain, DestroyDomain,
                 AttachDevice, DetachDevice, LoadModuleOrder, BuildBootImageOrder, ExchangeBootImageOrder,
                 DropBootImageOrder, ServiceOrder, PersistenceOrder>;

// --- their fields ---

void fields(auto& visit, Is<DomainXml> auto& domain) {
  visit("name", domain.name);
  visit("active", domain.active);
  visit("persistent", domain.persistent);
  visit("autostart", domain.autostart);
  visit("live_xml", domain.live_xml);
  visit("persistent_xml", domain.persistent_xml);
  visit("paused", domain.paused);
}

void fields(auto& visit, Is<PersistenceMode> auto& mode) {
  visit("device", mode.device);
  visit("on", mode.on);
}

void fields(auto& visit, Is<Failure> auto& failure) {
  visit("code", failure.code);
  visit("subject", failure.subject);
  visit("message", failure.message);
  visit("hint", failure.hint);
}

void fields(auto& visit, Is<ReadFile> auto& request) {
  visit("path", request.path);
}

void fields(auto& visit, Is<WriteFile> auto& request) {
  visit("path", request.path);
  visit("value", request.value);
  visit("read_back", request.read_back);
}

void fields(auto& visit, Is<ReadCpuTopology> auto& request) {
  visit("root", request.root);
}

void fields(auto& visit, Is<ListDomains> auto& request) {
  visit("uri", request.uri);
  visit("may_start_daemon", request.may_start_daemon);
}

void fields(auto& visit, Is<WaitForChange> auto& request) {
  visit("uri", request.uri);
  visit("name", request.name);
  visit("timeout_ms", request.timeout_ms);
}

void fields(auto& visit, Is<DefineDomain> auto& request) {
  visit("uri", request.uri);
  visit("xml", request.xml);
}

void fields(auto& visit, Is<SetDomainMetadata> auto& request) {
  visit("uri", request.uri);
  visit("name", request.name);
  visit("namespace", request.xml_namespace);
  visit("xml", request.xml);
}

/// A request whose only field is the domain.
template <typename T>
concept NamesADomain =
    Is<T, DescribeDomain> || Is<T, UndefineDomain> || Is<T, StartDomain> || Is<T, DestroyDomain>;

void fields(auto& visit, NamesADomain auto& request) {
  visit("uri", request.uri);
  visit("name", request.name);
}

template <typename T>
concept MovesADevice = Is<T, AttachDevice> || Is<T, DetachDevice>;

void fields(auto& visit, MovesADevice auto& request) {
  visit("uri", request.uri);
  visit("name", request.name);
  visit("xml", request.xml);
  visit("scope", request.scope);
}

void fields(auto& visit, Is<BootImageQuestion> auto& question) {
  visit("tool", question.tool);
  visit("path", question.path);
}

void fields(auto& visit, Is<ServiceQuestion> auto& question) {
  visit("unit", question.unit);
}

void fields(auto& visit, Is<PersistenceQuestion> auto& question) {
  visit("devices", question.devices);
}

void fields(auto& visit, Is<LoadModuleOrder> auto& order) {
  visit("name", order.name);
}

template <typename T>
concept ReplacesABootImage = Is<T, BuildBootImageOrder> || Is<T, ExchangeBootImageOrder>;

void fields(auto& visit, ReplacesABootImage auto& order) {
  visit("tool", order.tool);
  visit("kernel", order.image.kernel);
  visit("path", order.image.path);
}

void fields(auto& visit, Is<DropBootImageOrder> auto& order) {
  visit("kernel", order.image.kernel);
  visit("path", order.image.path);
}

void fields(auto& visit, Is<ServiceOrder> auto& order) {
  visit("unit", order.unit);
  visit("running", order.running);
}

void fields(auto& visit, Is<PersistenceOrder> auto& order) {
  visit("device", order.device);
  visit("on", order.on);
}

}  // namespace gpupass
