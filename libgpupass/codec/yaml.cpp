// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <sstream>

#include "gpupass/error.hpp"
#include "gpupass/render.hpp"

namespace gpupass {

namespace {

constexpr std::size_t kMostBytes = 256U << 10;
constexpr std::size_t kMostLevels = 16;
constexpr std::size_t kMostValues = 20000;

std::size_t count_values(const YamlNode& node) {
  std::size_t count = 1;
  for (const YamlNode& item : node.items) count += count_values(item);
  for (const YamlNode& key : node.keys) count += count_values(key);
  return count;
}

/// Builds the tree from what the parser meets. The parser's own tree resolves aliases without a limit.
class YamlBuilder : public YAML::EventHandler {
 public:
  explicit YamlBuilder(const std::string& name) : name_(name) {}
  YamlNode root() && { return std::move(root_); }

  [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& saw,
                           const std::string& expected) const {
    throw Error(ErrorCode::Malformed, name_,
                fmt::format("cannot read {}:{}:{}: saw {}, expected {}", printable(name_), mark.line + 1,
                            mark.column + 1, saw, expected));
  }

 private:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (seen_document_) refuse(mark, "a second document", "one");
    seen_document_ = true;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(node_at(mark, YamlNode::Kind::Null), mark, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) refuse(mark, "an alias of a value that holds it", "an alias of one above");
    values_ += count_values(found->second) - 1;
    YamlNode copy = found->second;
    copy.line = mark.line + 1;
    copy.column = mark.column + 1;
    add(std::move(copy), mark, YAML::NullAnchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    YamlNode node = node_at(mark, YamlNode::Kind::Scalar);
    node.plain = tag == "?";
    node.text = text;
    if (tag != "?" && tag != "!") refuse(mark, "a tag", "none");
    add(std::move(node), mark, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(node_at(mark, YamlNode::Kind::List), mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(node_at(mark, YamlNode::Kind::Map), mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

  static YamlNode node_at(const YAML::Mark& mark, YamlNode::Kind kind) {
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }
  void open(YamlNode node, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (!tag.empty() && tag != "?") refuse(mark, "a tag", "none");
    if (open_.size() == kMostLevels)
      refuse(mark, fmt::format("more than {} levels", kMostLevels), "lists and maps within fewer");
    open_.push_back({std::move(node), mark, anchor});
  }
  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.node), done.mark, done.anchor);
  }
  void add(YamlNode node, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (++values_ > kMostValues) refuse(mark, fmt::format("more than {} values", kMostValues), "fewer");
    if (anchor != YAML::NullAnchor) anchored_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    YamlNode& parent = open_.back().node;
    const bool is_key = parent.kind == YamlNode::Kind::Map && parent.keys.size() == parent.items.size();
    (is_key ? parent.keys : parent.items).push_back(std::move(node));
  }

  /// A list or a map that is not at its end.
  struct Open {
    YamlNode node;
    YAML::Mark mark;
    YAML::anchor_t anchor;
  };

  std::string name_;
  bool seen_document_ = false;
  std::size_t values_ = 0;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, YamlNode> anchored_;
  YamlNode root_;
};

}  // namespace

YamlNode parse_yaml(std::string_view text, const std::string& name) {
  if (text.size() > kMostBytes)
    throw Error(ErrorCode::Malformed, name,
                fmt::format("cannot read {}: saw more than {} KiB, expected a configuration", printable(name),
                            kMostBytes >> 10));
  std::istringstream stream{std::string(text)};
  YamlBuilder builder(name);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    builder.refuse(error.mark, printable(error.msg), "YAML");
  }
  return std::move(builder).root();
}

}  // namespace gpupass
