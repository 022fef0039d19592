// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/absence.hpp"
#include "apply/perform.hpp"
#include "guest/edit/recorded_identity.hpp"
#include "guest/model/domain_xml.hpp"

namespace gpupass {

namespace {

std::string definition(const Access& access, const std::string& name) {
  const std::optional<DomainXml> domain = access.domain(name);
  return domain ? domain->persistent_xml : std::string();
}

bool running(const Access& access, const std::string& name) {
  const std::optional<DomainXml> domain = access.domain(name);
  return domain && domain->active;
}

}  // namespace

/// libvirt rewrites a definition, so the text that is read back differs; the host devices must be equal.
void perform(Access& access, const SetDomain& change) {
  const std::string before = definition(access, change.name);
  if (change.xml) {
    if (before == *change.xml) return;
    access.guests().define(change.name, *change.xml);
    const std::string now = definition(access, change.name);
    if (now.empty()) throw failure(ErrorCode::System, "define domain", change.name, "no definition", "one");
    if (claimed_devices(now) != claimed_devices(*change.xml))
      throw failure(ErrorCode::System, "define domain", change.name, "other host devices", "those asked for");
  } else {
    if (before.empty()) return;
    access.guests().undefine(change.name);
    if (!definition(access, change.name).empty())
      throw failure(ErrorCode::System, "undefine domain", change.name, "a definition", "none");
  }
}

void perform(Access& access, const SetMetadata& change) {
  const auto now = [&] { return own_metadata_text(definition(access, change.domain)); };
  if (now() == change.xml) return;
  access.guests().set_metadata(change.domain, kMetadataNamespace, change.xml);
  if (now() != change.xml)
    throw failure(ErrorCode::System, "write the metadata of", change.domain, "other metadata",
                  "what was written");
}

void perform(Access& access, const SetPower& change) {
  if (running(access, change.domain) == change.running) return;
  if (change.running)
    access.guests().start(change.domain);
  else
    access.guests().destroy(change.domain);
  if (running(access, change.domain) != change.running)
    throw failure(ErrorCode::System, change.running ? "start domain" : "stop domain", change.domain,
                  change.running ? "it stopped" : "it running", change.running ? "it running" : "it stopped");
}

}  // namespace gpupass
