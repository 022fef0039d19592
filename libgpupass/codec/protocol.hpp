// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <variant>

#include "codec/fields.hpp"
#include "codec/requests/files.hpp"
#include "codec/requests/hypervisor.hpp"
#include "codec/requests/services.hpp"
#include "gpupass/error.hpp"

/// Everything that the library can ask of gpupass-worker, defined once for both ends. A request is a line of
/// JSON,
/// {"id": 1, "op": its kRequestName, "lock": a file or "", and its fields}; its answer is {"id": 1, "result":
/// ...}, where null is absent and {"unknown": why} is unknown, or {"id": 1, "error": a Failure}. This is
/// written by hand as Debian 12 has no RPC library for a pipe to one's own child; later ones have sd-varlink.
namespace gpupass {

/// Both ends must come from one build; otherwise they refuse each other.
inline constexpr unsigned kWorkerProtocol = 5;

/// An Error on its way between two processes.
struct Failure {
  ErrorCode code = ErrorCode::System;
  std::string subject;
  std::string message;
  std::string hint;
};

void fields(auto& visit, Is<Failure> auto& failure) {
  visit("code", failure.code);
  visit("subject", failure.subject);
  visit("message", failure.message);
  visit("hint", failure.hint);
}

/// The questions: the worker answers them and changes nothing.
using WorkerQuestions =
    std::variant<ReadFile, ListDomains, ListNetworks, DescribeDomain, WaitForChange, AskAgent,
                 BootImageQuestion, ServiceQuestion, PersistenceQuestion, MigQuestion, DisksQuestion>;
/// The orders. The worker holds the request's lock until it is done, even if nobody waits for it any longer.
using WorkerOrders =
    std::variant<WriteFile, DefineDomain, UndefineDomain, SetDomainMetadata, StartDomain, DestroyDomain,
                 AttachDevice, DetachDevice, LoadModuleOrder, BuildBootImageOrder, ExchangeBootImageOrder,
                 DropBootImageOrder, UpdateBootLoaderOrder, ServiceOrder, PersistenceOrder, WriteSeedOrder,
                 AllowedCpusOrder, MediatedDefinitionOrder, MigModeOrder, MigInstanceOrder>;

}  // namespace gpupass
