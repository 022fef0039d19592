// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "codec/requests/request.hpp"
#include "gpupass/domain.hpp"

/// Domains of a hypervisor.
namespace gpupass {

/// All domains of a hypervisor, without secrets. Absent: libvirt is not running there.
struct ListDomains {
  using Reply = std::vector<DomainXml>;
  std::string uri;
  bool may_start_daemon = false;  ///< Of the user's session, for the sake of this question.
};

/// The active networks of a hypervisor, ascending. Absent: as above.
struct ListNetworks {
  using Reply = std::vector<std::string>;
  std::string uri;
  bool may_start_daemon = false;
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

/// A command for the agent in a running guest. The answer is foreign text.
struct AskAgent {
  using Reply = std::string;
  std::string uri;
  std::string name;
  std::string command;
  unsigned seconds = 0;
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

template <>
inline constexpr std::string_view kRequestName<ListDomains> = "domains";
template <>
inline constexpr std::string_view kRequestName<ListNetworks> = "networks";
template <>
inline constexpr std::string_view kRequestName<DescribeDomain> = "domain";
template <>
inline constexpr std::string_view kRequestName<WaitForChange> = "wait-for-change";
template <>
inline constexpr std::string_view kRequestName<AskAgent> = "ask-agent";
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

void fields(auto& visit, Is<DomainXml> auto& domain) {
  visit("name", domain.name);
  visit("active", domain.active);
  visit("persistent", domain.persistent);
  visit("autostart", domain.autostart);
  visit("live_xml", domain.live_xml);
  visit("persistent_xml", domain.persistent_xml);
  visit("paused", domain.paused);
}

template <typename T>
concept ListsAll = Is<T, ListDomains> || Is<T, ListNetworks>;

void fields(auto& visit, ListsAll auto& request) {
  visit("uri", request.uri);
  visit("may_start_daemon", request.may_start_daemon);
}

void fields(auto& visit, Is<WaitForChange> auto& request) {
  visit("uri", request.uri);
  visit("name", request.name);
  visit("timeout_ms", request.timeout_ms);
}

void fields(auto& visit, Is<AskAgent> auto& request) {
  visit("uri", request.uri);
  visit("name", request.name);
  visit("command", request.command);
  visit("seconds", request.seconds);
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

}  // namespace gpupass
