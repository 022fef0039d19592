// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/document.hpp"
#include "gpupass/json.hpp"

namespace gpupass {

std::string to_json(const Host& host) {
  return json_document("host", host);
}
Host host_from_json(std::string_view text) {
  return from_json_document<Host>("host", text);
}

}  // namespace gpupass
