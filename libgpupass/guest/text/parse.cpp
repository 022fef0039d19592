// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/text/parse.hpp"

#include <fmt/format.h>

namespace gpupass {

namespace {

constexpr int kMostLevels = 256;  // Each level is a call within a call where elements are compared or copied.

/// Ends at the first element that lies too deep.
class DepthCheck : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node& node) override {
    if (node.type() != pugi::node_element || depth() < kMostLevels) return true;
    offset_ = static_cast<std::size_t>(node.offset_debug());
    return false;
  }
  std::size_t offset() const { return offset_; }

 private:
  std::size_t offset_ = 0;
};

}  // namespace

std::optional<XmlFault> parse_xml(std::string_view text, pugi::xml_document& document, unsigned flags,
                                  pugi::xml_encoding encoding) {
  const pugi::xml_parse_result result = document.load_buffer(text.data(), text.size(), flags, encoding);
  DepthCheck check;
  if (!document.traverse(check)) {
    document.reset();
    return XmlFault{fmt::format("more than {} elements within each other", kMostLevels), check.offset()};
  }
  if (!result) return XmlFault{result.description(), static_cast<std::size_t>(result.offset)};
  return std::nullopt;
}

}  // namespace gpupass
