// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <pugixml.hpp>

namespace gpupass {

/// Visits nodes in the order of the text: `enter` in front of the content of each, `leave` behind it.
template <typename Enter, typename Leave>
void walk(pugi::xml_node top, const Enter& enter, const Leave& leave) {
  const auto begin = [&](pugi::xml_node node) {
    if (node.type() != pugi::node_document) enter(node);
  };
  const auto end = [&](pugi::xml_node node) {
    if (node.type() != pugi::node_document) leave(node);
  };
  pugi::xml_node node = top;
  begin(node);
  while (true) {
    if (node.first_child()) {
      node = node.first_child();
      begin(node);
      continue;
    }
    while (true) {
      end(node);
      if (node == top) return;
      if (node.next_sibling()) break;
      node = node.parent();
    }
    node = node.next_sibling();
    begin(node);
  }
}

}  // namespace gpupass
