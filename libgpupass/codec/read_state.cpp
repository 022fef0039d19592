// SPDX-License-Identifier: LGPL-2.1-or-later
// toml++ 3.3 asserts that a key begins as it must, and with NDEBUG has clang take that for granted, before it
// checks it. The check alone is right for a file that anybody wrote.
#undef NDEBUG
#define TOML_ASSERT(expression) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <ranges>
#include <set>

#include "codec/home_file.hpp"
#include "gpupass/error.hpp"
#include "gpupass/names.hpp"
#include "gpupass/render.hpp"
#include "gpupass/state.hpp"
#include "gpupass/units.hpp"
#include "values/declared_slices.hpp"
#include "values/huge_pages.hpp"
#include "values/kernel_options.hpp"
#include "values/mediated.hpp"
#include "values/names.hpp"
#include "values/number.hpp"
#include "values/sort_unique.hpp"

/// The declared state, in TOML.
namespace gpupass {

namespace {

using Keys = std::initializer_list<std::string_view>;

/// A file as it is read: every error names its line and column.
class StateReader {
 public:
  explicit StateReader(const std::string& name) : name_(printable(name)) {}

  State read(std::string_view toml);

 private:
  void expect_keys(const toml::table& table, std::string_view in, Keys keys) const;
  const toml::table* table_at(const toml::table& in, std::string_view key) const;
  std::optional<std::string> text_at(const toml::table& in, std::string_view key) const;
  std::optional<bool> answer_at(const toml::table& in, std::string_view key) const;
  /// `expected` says what each text is to be.
  std::vector<std::string> texts_at(const toml::table& in, std::string_view key,
                                    bool fits(std::string_view text), const char* expected) const;
  std::vector<std::string> units_at(const toml::table& in, std::string_view key) const;
  std::vector<NodePages> node_pages_at(const toml::table& in, std::string_view key) const;
  Preparation preparation_from(const toml::table& table) const;
  template <typename Enum>
  std::optional<Enum> choice_at(const toml::table& in, std::string_view key) const;
  template <typename Enum>
  std::vector<Enum> choices_at(const toml::table& in, std::string_view key) const;
  std::optional<std::uint64_t> pages_at(const toml::table& in, std::string_view key) const;
  CpuSet cpus_at(const toml::table& in, std::string_view key) const;
  unsigned number_from(const toml::node& node, unsigned least, unsigned most, const char* expected) const;
  std::vector<DeviceId> slices_from(const toml::node& node) const;
  DeclaredType type_from(const toml::key& key, const toml::node& node) const;
  std::vector<DeclaredType> types_from(const toml::table& table) const;
  DeclaredSlices slices_of_gpu(const toml::table& table, const toml::source_region& source) const;
  DeclaredGpu gpu_from(std::string_view key, const toml::source_region& source,
                       const toml::table& table) const;
  void read_key(DeclaredGpu& gpu, const toml::source_region& source) const;
  void read_ids(DeclaredGpu& gpu, const toml::table& table) const;
  void expect_names_once(const State& state) const;

  std::string at(const toml::source_region& source) const {
    return fmt::format("{}:{}:{}", name_, source.begin.line, source.begin.column);
  }
  [[noreturn]] void refuse(const toml::source_region& source, const std::string& saw,
                           const std::string& expected) const {
    throw Error(ErrorCode::Malformed, name_,
                fmt::format("cannot read {}: saw {}, expected {}", at(source), printable(saw), expected));
  }

  std::string name_;
};

std::string excerpt(std::string_view text) {
  constexpr std::size_t kMost = 60;
  return fmt::format("{:?}", text.substr(0, kMost));
}

void StateReader::expect_keys(const toml::table& table, std::string_view in, Keys keys) const {
  for (const auto& [key, value] : table) {
    if (std::ranges::find(keys, key.str()) != keys.end()) continue;
    const std::string meant = nearest(key.str(), {keys.begin(), keys.end()});
    refuse(key.source(), fmt::format("the unknown key {}{}", excerpt(key.str()), in),
           meant.empty() ? fmt::format("one of {}", fmt::join(keys, ", ")) : meant);
  }
}

const toml::table* StateReader::table_at(const toml::table& in, std::string_view key) const {
  const toml::node* node = in.get(key);
  if (node && !node->is_table())
    refuse(node->source(), fmt::format("a value for {}", key), fmt::format("a table, [{}]", key));
  return node ? node->as_table() : nullptr;
}

std::optional<std::string> StateReader::text_at(const toml::table& in, std::string_view key) const {
  const toml::node* node = in.get(key);
  if (!node) return std::nullopt;
  const auto* text = node->as_string();
  if (!text) refuse(node->source(), fmt::format("something else for {}", key), "text in quotes");
  return text->get();
}

std::optional<bool> StateReader::answer_at(const toml::table& in, std::string_view key) const {
  const toml::node* node = in.get(key);
  if (!node) return std::nullopt;
  const auto* answer = node->as_boolean();
  if (!answer) refuse(node->source(), fmt::format("something else for {}", key), "true or false");
  return answer->get();
}

std::vector<std::string> StateReader::texts_at(const toml::table& in, std::string_view key,
                                               bool fits(std::string_view), const char* expected) const {
  std::vector<std::string> texts;
  const toml::node* node = in.get(key);
  if (!node) return texts;
  const toml::array* array = node->as_array();
  if (!array) refuse(node->source(), fmt::format("something else for {}", key), "a list in brackets");
  for (const toml::node& one : *array) {
    const auto* text = one.as_string();
    if (!text || !fits(text->get()))
      refuse(one.source(), text ? excerpt(text->get()) : "something else", expected);
    texts.push_back(text->get());
  }
  return texts;
}

std::vector<std::string> StateReader::units_at(const toml::table& in, std::string_view key) const {
  std::vector<std::string> units = texts_at(in, key, is_unit_name, "a service, as \"dcgm.service\"");
  sort_unique(units);
  return units;
}

bool are_node_pages(std::string_view text) {
  return parse_node_pages(text).has_value();
}

std::vector<NodePages> StateReader::node_pages_at(const toml::table& in, std::string_view key) const {
  std::vector<NodePages> pages;
  for (const std::string& text :
       texts_at(in, key, are_node_pages, "node, size and number of huge pages, as \"0:1G:16\""))
    pages.push_back(*parse_node_pages(text));
  const auto by_pool = [](const NodePages& one) { return std::pair(one.node, one.page_size_bytes); };
  std::ranges::sort(pages, {}, by_pool);
  if (std::ranges::adjacent_find(pages, {}, by_pool) != pages.end())
    refuse(in.get(key)->source(), "one node and size twice", "each once");
  return pages;
}

Preparation StateReader::preparation_from(const toml::table& table) const {
  expect_keys(table, " of [host.prepare]", {"hugepages", "kernel_options", "modules"});
  Preparation preparation;
  preparation.kernel_options = texts_at(table, "kernel_options", may_be_added,
                                        "an option about the IOMMU, VFIO or PCI, as \"iommu=pt\"");
  preparation.modules = texts_at(table, "modules", is_driver_name, "a module, as \"vfio-pci\"");
  sort_unique(preparation.modules);
  preparation.pages = node_pages_at(table, "hugepages");
  return preparation;
}

template <typename Enum>
std::optional<Enum> StateReader::choice_at(const toml::table& in, std::string_view key) const {
  const auto text = text_at(in, key);
  if (!text) return std::nullopt;
  std::vector<std::string_view> names;
  for (const auto& [value, name] : kNames<Enum>) {
    if (name == *text) return value;
    names.push_back(name);
  }
  refuse(in.get(key)->source(), excerpt(*text), fmt::format("one of {}", fmt::join(names, ", ")));
}

template <typename Enum>
bool is_name_of(std::string_view text) {
  return std::ranges::find(kNames<Enum>, text, &Named<Enum>::second) != kNames<Enum>.end();
}

/// Ascending, each once.
template <typename Enum>
std::vector<Enum> StateReader::choices_at(const toml::table& in, std::string_view key) const {
  const std::string expected = fmt::format("one of {}", fmt::join(kNames<Enum> | std::views::values, ", "));
  const auto texts = texts_at(in, key, is_name_of<Enum>, expected.c_str());
  std::vector<Enum> choices;
  for (const auto& [value, name] : kNames<Enum>)
    if (std::ranges::find(texts, name) != texts.end()) choices.push_back(value);
  return choices;
}

std::optional<std::uint64_t> StateReader::pages_at(const toml::table& in, std::string_view key) const {
  const auto text = text_at(in, key);
  if (!text) return std::nullopt;
  if (*text == "off") return 0;
  if (*text == "2M" || *text == "1G") return parse_size(*text);
  refuse(in.get(key)->source(), excerpt(*text), "one of off, 2M, 1G");
}

CpuSet StateReader::cpus_at(const toml::table& in, std::string_view key) const {
  const auto text = text_at(in, key);
  if (!text || text->empty()) return {};
  if (auto cpus = CpuSet::parse(*text)) return *std::move(cpus);
  refuse(in.get(key)->source(), excerpt(*text), "CPUs, as \"0-1,16\"");
}

void StateReader::read_key(DeclaredGpu& gpu, const toml::source_region& source) const {
  constexpr std::string_view kSerial = "serial:", kUuid = "uuid:";
  if (const auto address = PciAddress::parse(gpu.key)) {
    gpu.key = address->to_string();
    return;
  }
  const bool fits = gpu.key.size() <= kLongestIdentityText && printable(gpu.key) == gpu.key;
  if (fits && gpu.key.starts_with(kSerial) && gpu.key.size() > kSerial.size())
    gpu.identity.serial = gpu.key.substr(kSerial.size());
  else if (fits && gpu.key.starts_with(kUuid) && gpu.key.size() > kUuid.size())
    gpu.identity.uuid = gpu.key.substr(kUuid.size());
  else
    refuse(source, excerpt(gpu.key), "an address as \"0000:65:00.0\", \"serial:NUMBER\" or \"uuid:UUID\"");
}

void StateReader::read_ids(DeclaredGpu& gpu, const toml::table& table) const {
  const auto read = [&](const char* key, auto& vendor, auto& device) {
    const auto text = text_at(table, key);
    if (!text) return;
    const auto colon = text->find(':');
    vendor = parse_digits<std::uint16_t>(text->substr(0, colon), 4);
    device = colon == text->npos ? std::nullopt : parse_digits<std::uint16_t>(text->substr(colon + 1), 4);
    if (!vendor || !device) refuse(table.get(key)->source(), excerpt(*text), "ids as \"10de:2330\"");
  };
  read("id", gpu.identity.vendor, gpu.identity.device);
  read("subsystem", gpu.identity.subsystem_vendor, gpu.identity.subsystem_device);
  if (const auto serial = text_at(table, "serial")) {
    if (serial->size() > kLongestIdentityText || printable(*serial) != *serial)
      refuse(table.get("serial")->source(), excerpt(*serial), "a serial number");
    gpu.identity.serial = *serial;
  }
}

unsigned StateReader::number_from(const toml::node& node, unsigned least, unsigned most,
                                  const char* expected) const {
  const auto* number = node.as_integer();
  if (!number || number->get() < least || number->get() > most)
    refuse(node.source(), number ? fmt::to_string(number->get()) : "something else",
           fmt::format("{}, {} to {}", expected, least, most));
  return static_cast<unsigned>(number->get());
}

std::vector<DeviceId> StateReader::slices_from(const toml::node& node) const {
  constexpr auto kExpected = "the UUID of a mediated device, or the address of a virtual function";
  std::vector<DeviceId> slices;
  const toml::array* array = node.as_array();
  if (!array || array->empty()) refuse(node.source(), "no slices", "a number of them, or their names");
  for (const toml::node& one : *array) {
    const auto* text = one.as_string();
    const auto slice = text ? DeviceId::parse(text->get()) : std::nullopt;
    if (!slice) refuse(one.source(), text ? excerpt(text->get()) : "something else", kExpected);
    if (std::ranges::find(slices, *slice) != slices.end())
      refuse(one.source(), excerpt(text->get()) + " twice", "it once");
    if (!slices.empty() && slices.front().is_mediated() != slice->is_mediated())
      refuse(one.source(), excerpt(text->get()), "UUIDs or addresses, as the first one is");
    slices.push_back(*slice);
  }
  std::ranges::sort(slices);
  return slices;
}

/// A number, the slices themselves, or a table with one of these and the id that goes with a name.
DeclaredType StateReader::type_from(const toml::key& key, const toml::node& node) const {
  constexpr unsigned kMost = 1024;
  constexpr auto kNumber = "a number of slices";
  DeclaredType type;
  type.type = key.str();
  type.where = at(key.source());
  if (!is_type_name(type.type))
    refuse(key.source(), excerpt(type.type), "a type, as \"L40S-4Q\" or \"1145\"");
  const toml::table* table = node.as_table();
  if (table) {
    expect_keys(*table, " of a type", {"count", "id", "slices"});
    type.id = text_at(*table, "id").value_or("");
    if (table->contains("id") && !is_mediated_type(type.id))
      refuse(table->get("id")->source(), excerpt(type.id), "an id, as \"1145\" or \"nvidia-222\"");
    if (table->contains("count") == table->contains("slices"))
      refuse(key.source(), "a type with neither or both of count and slices", "one of them");
  }
  const toml::node& what = !table ? node : *table->get(table->contains("count") ? "count" : "slices");
  if (what.is_array())
    type.slices = slices_from(what);
  else
    type.count = number_from(what, 1, kMost, kNumber);
  if (!type.slices.empty()) type.count = static_cast<unsigned>(type.slices.size());
  return type;
}

std::vector<DeclaredType> StateReader::types_from(const toml::table& table) const {
  std::vector<DeclaredType> types;
  std::set<DeviceId> seen;
  for (const auto& [key, value] : table) {
    types.push_back(type_from(key, value));
    for (const DeviceId slice : types.back().slices)
      if (!seen.insert(slice).second)
        refuse(value.source(), excerpt(slice.to_string()) + " in two types", "it in one");
  }
  std::ranges::sort(types, {}, &DeclaredType::type);
  return types;
}

DeclaredSlices StateReader::slices_of_gpu(const toml::table& table, const toml::source_region& source) const {
  constexpr unsigned kMostVfs = 65535;  // SR-IOV counts them with 16 bits.
  expect_keys(table, " of slices", {"boot", "types", "use", "vfs"});
  DeclaredSlices slices;
  slices.where = at(source);
  if (const toml::node* vfs = table.get("vfs"))
    slices.vfs = number_from(*vfs, 0, kMostVfs, "a number of virtual functions");
  slices.use = choice_at<GpuUse>(table, "use");
  slices.boot = answer_at(table, "boot");
  if (const toml::table* types = table_at(table, "types")) slices.types = types_from(*types);
  if (slices.use == GpuUse::Whole && slices.types && !slices.types->empty())
    refuse(table.get("use")->source(), "use = \"whole\" beside types",
           "one of them: slices of a type stay with the driver that makes them");
  return slices;
}

DeclaredGpu StateReader::gpu_from(std::string_view key, const toml::source_region& source,
                                  const toml::table& table) const {
  expect_keys(table, fmt::format(" of a GPU"),
              {"boot", "id", "name", "serial", "slices", "subsystem", "use"});
  DeclaredGpu gpu;
  gpu.key = key;
  gpu.where = at(source);
  read_key(gpu, source);
  read_ids(gpu, table);
  gpu.use = choice_at<GpuUse>(table, "use");
  gpu.boot = answer_at(table, "boot");
  gpu.name = text_at(table, "name").value_or("");
  if (!gpu.name.empty() && !is_gpu_name(gpu.name))
    refuse(table.get("name")->source(), excerpt(gpu.name),
           "a letter, then letters, digits, \".\", \"_\" and \"-\", and no other form of a GPU's name");
  if (const toml::table* slices = table_at(table, "slices"))
    gpu.slices = slices_of_gpu(*slices, table.get("slices")->source());
  if (gpu.use == GpuUse::Whole && gpu.slices && wants_slices(*gpu.slices))
    refuse(table.get("slices")->source(), "slices of a GPU that is declared to be whole",
           "use = \"host\": its own driver makes them");
  return gpu;
}

/// Two of one name would make it mean neither.
void StateReader::expect_names_once(const State& state) const {
  for (const DeclaredGpu& gpu : state.gpus)
    for (const DeclaredGpu& other : state.gpus)
      if (&gpu < &other && (gpu.key == other.key || (!gpu.name.empty() && gpu.name == other.name)))
        throw Error(ErrorCode::Malformed, name_,
                    fmt::format("cannot read {}: saw {:?} twice, expected it once; it is at {} too",
                                other.where, gpu.key == other.key ? gpu.key : gpu.name, gpu.where));
}

/// Each character beyond ASCII as one "?": nothing but a comment needs any, and toml++ 3.3 runs into an
/// unreachable place where one follows a key. Columns stay as they are.
std::string in_ascii(std::string_view text) {
  std::string plain;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    const bool goes_on = (byte & 0xc0) == 0x80;
    if (byte < 0x80)
      plain += each;
    else if (!goes_on)
      plain += '?';
  }
  return plain;
}

State StateReader::read(std::string_view toml) {
  const toml::parse_result parsed = toml::parse(in_ascii(toml), name_);
  if (!parsed)
    throw Error(ErrorCode::Malformed, name_,
                fmt::format("cannot read {}: {}", at(parsed.error().source()),
                            printable(parsed.error().description())));
  const toml::table& file = parsed.table();
  expect_keys(file, "", {"defaults", "gpus", "host"});
  State state;
  if (const toml::table* host = table_at(file, "host")) {
    expect_keys(*host, " of [host]", {"prepare", "reserve_cpus", "stop", "tune"});
    state.reserved_cpus = cpus_at(*host, "reserve_cpus");
    state.stop = units_at(*host, "stop");
    state.tune = choices_at<Tuning>(*host, "tune");
    if (const toml::table* prepare = table_at(*host, "prepare"))
      state.preparation = preparation_from(*prepare);
  }
  if (const toml::table* defaults = table_at(file, "defaults")) {
    expect_keys(*defaults, " of [defaults]", {"firmware", "hugepages", "numa", "virt_type"});
    state.defaults = {choice_at<NumaPolicy>(*defaults, "numa"), pages_at(*defaults, "hugepages"),
                      choice_at<VirtType>(*defaults, "virt_type"),
                      choice_at<Firmware>(*defaults, "firmware")};
  }
  if (const toml::table* gpus = table_at(file, "gpus"))
    for (const auto& [key, value] : *gpus) {
      if (!value.is_table()) refuse(key.source(), "a value", "a table for each GPU");
      state.gpus.push_back(gpu_from(key.str(), key.source(), *value.as_table()));
    }
  std::ranges::sort(state.gpus, {}, &DeclaredGpu::key);
  expect_names_once(state);
  return state;
}

}  // namespace

State parse_state(std::string_view toml, const std::string& name) {
  constexpr std::size_t kMost = 1 << 20;
  if (toml.size() > kMost)
    throw Error(
        ErrorCode::Malformed, name,
        fmt::format("cannot read {}: saw more than 1 MiB, expected a declared state", printable(name)));
  return StateReader(name).read(toml);
}

}  // namespace gpupass
