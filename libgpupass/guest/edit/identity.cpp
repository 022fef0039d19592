// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "gpupass/error.hpp"
#include "guest/edit/domain.hpp"
#include "guest/text/values.hpp"

namespace gpupass {

void set_type(Definition& text, const Request& request) {
  text.set(text.root(), "type", request.virt_type == VirtType::Qemu ? "qemu" : "kvm");
}

void set_name(Definition& text, const Request& request) {
  if (request.name.find('/') != request.name.npos)
    throw Error(ErrorCode::Usage, request.name,
                fmt::format("cannot write a domain: saw \"{}\" as its name, expected one without \"/\"",
                            request.name));
  text.write("name", fit_for_xml(request.name, "its name"));
}

}  // namespace gpupass
