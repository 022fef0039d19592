// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <iterator>
#include <ranges>

#include "codec/home_file.hpp"
#include "codec/state_reader.hpp"
#include "gpupass/units.hpp"
#include "values/declared_slices.hpp"
#include "values/huge_pages.hpp"
#include "values/kernel_options.hpp"
#include "values/number.hpp"
#include "values/sort_unique.hpp"

namespace gpupass {

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

namespace {

bool are_node_pages(std::string_view text) {
  return parse_node_pages(text).has_value();
}

}  // namespace

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

namespace {

template <typename Enum>
bool is_name_of(std::string_view text) {
  return std::ranges::find(kNames<Enum>, text, &Named<Enum>::second) != kNames<Enum>.end();
}

}  // namespace

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

namespace {

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

}  // namespace

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

State parse_state(std::string_view toml, const std::string& name) {
  constexpr std::size_t kMost = 1 << 20;
  if (toml.size() > kMost)
    throw Error(
        ErrorCode::Malformed, name,
        fmt::format("cannot read {}: saw more than 1 MiB, expected a declared state", printable(name)));
  return StateReader(name).read(toml);
}

}  // namespace gpupass
