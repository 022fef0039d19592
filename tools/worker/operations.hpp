// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "codec/protocol.hpp"

class Connections;

/// What the worker does for each request of codec/protocol.hpp: it answers a question, or carries an order
/// out. Each throws gpupass::Error.
namespace gpupass {

Fact<std::string> answer(const ReadFile& question);
Fact<std::vector<std::string>> answer(const BootImageQuestion& question);
Fact<bool> answer(const ServiceQuestion& question);
Fact<std::vector<PersistenceMode>> answer(const PersistenceQuestion& question);
Fact<std::vector<MigOfGpu>> answer(const MigQuestion& question);
Fact<std::vector<DiskState>> answer(const DisksQuestion& question);
Fact<std::vector<DomainXml>> answer(Connections& connections, const ListDomains& question);
Fact<std::vector<std::string>> answer(Connections& connections, const ListNetworks& question);
Fact<DomainXml> answer(Connections& connections, const DescribeDomain& question);
Fact<std::vector<std::string>> answer(Connections& connections, const WaitForChange& question);
Fact<std::string> answer(Connections& connections, const AskAgent& question);

Fact<std::string> carry_out(const WriteFile& order);
void carry_out(const LoadModuleOrder& order);
void carry_out(const BuildBootImageOrder& order);
void carry_out(const ExchangeBootImageOrder& order);
void carry_out(const DropBootImageOrder& order);
void carry_out(const UpdateBootLoaderOrder& order);
void carry_out(const ServiceOrder& order);
void carry_out(const AllowedCpusOrder& order);
void carry_out(const PersistenceOrder& order);
void carry_out(const MigModeOrder& order);
void carry_out(const MigInstanceOrder& order);
void carry_out(const WriteSeedOrder& order);
void carry_out(Connections& connections, const DefineDomain& order);
void carry_out(Connections& connections, const UndefineDomain& order);
void carry_out(Connections& connections, const SetDomainMetadata& order);
void carry_out(Connections& connections, const StartDomain& order);
void carry_out(Connections& connections, const DestroyDomain& order);
void carry_out(Connections& connections, const AttachDevice& order);
void carry_out(Connections& connections, const DetachDevice& order);
void carry_out(Connections& connections, const MediatedDefinitionOrder& order);

}  // namespace gpupass
