// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/check/definition.hpp"

#include "guest/check/domain_check.hpp"
#include "guest/edit/domain.hpp"
#include "guest/model/domain_xml.hpp"

namespace gpupass {

DomainCheck::DomainCheck(const Host& host, pugi::xml_node domain)
    : host_(host), domain_(domain), name_(domain.child_value("name")), memory_nodes_(domain) {}

std::vector<Finding> check_definition(const Host& host, pugi::xml_node domain) {
  DomainCheck check(host, domain);
  check_cpus(check);
  check_nodes(check);
  check_locality(check);
  check_pages(check);
  check_locked_memory(check);
  check_iommu(check);
  check_devices(check);
  check_buses(check);
  check_window(check);
  return std::move(check).findings();
}

std::vector<Finding> check_definition(const Host& host, const std::string& xml) {
  return check_definition(host, parse_domain(xml).child("domain"));
}

CheckedDefinition write_checked(const Host& host, const Request& request, const Placement& placement,
                                const Base& base) {
  CheckedDefinition checked;
  const bool is_new = base.xml.empty();
  Definition text(is_new ? new_domain(request) : base.xml);
  if (!is_new) {
    checked.base_findings = check_definition(host, text.root());
    checked.base_devices = devices_along(text);
  }
  if (base.use == Base::Use::Copy) leave_out_identity(text);
  write_domain(text, host, request, placement);
  checked.findings = check_definition(host, text.root());
  checked.xml = text.text();
  return checked;
}

}  // namespace gpupass
