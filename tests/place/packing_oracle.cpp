// SPDX-License-Identifier: LGPL-2.1-or-later
#include "packing_oracle.hpp"

namespace packing {

namespace {

/// As place() counts it: what QEMU and the kernel need beside the guest is 128 MiB and a 64th.
std::uint64_t taken(std::uint64_t bytes) {
  return bytes + bytes / 64 + (std::uint64_t{128} << 20);
}

class Search {
 public:
  Search(std::vector<Host> hosts, const std::vector<Guest>& guests)
      : hosts_(std::move(hosts)), guests_(guests), rest_(guests.size() + 1) {
    for (std::size_t at = guests.size(); at-- > 0;)
      rest_[at] = {rest_[at + 1].gpus + guests[at].gpus, rest_[at + 1].guests + 1};
  }

  Most run() {
    next(0, {});
    return best_;
  }

 private:
  void next(std::size_t at, Most placed) {
    const Most all = {placed.gpus + rest_[at].gpus, placed.guests + rest_[at].guests};
    if (all <= best_) return;
    if (at == guests_.size()) {
      best_ = placed;
      return;
    }
    const Guest& guest = guests_[at];
    const Most with = {placed.gpus + guest.gpus, placed.guests + 1};
    for (Host& host : hosts_) {
      for (Node& node : host.nodes) use(node, host.threads, guest, [&] { next(at + 1, with); });
      if (host.nodes.size() == 2) divide(host, guest, [&] { next(at + 1, with); });
    }
    next(at + 1, placed);
  }

  template <typename Then>
  void use(Node& node, unsigned threads, const Guest& guest, const Then& then) {
    const unsigned cores = (guest.vcpus + threads - 1) / threads;
    if (node.gpus < guest.gpus || node.cores < cores || node.bytes < taken(guest.bytes)) return;
    const Node before = node;
    node = {node.gpus - guest.gpus, node.cores - cores, node.bytes - taken(guest.bytes)};
    then();
    node = before;
  }

  template <typename Then>
  void divide(Host& host, const Guest& guest, const Then& then) {
    for (unsigned gpus = 1; gpus < guest.gpus; ++gpus)
      for (unsigned vcpus = 1; vcpus < guest.vcpus; ++vcpus)
        use(host.nodes[0], host.threads, {gpus, vcpus, guest.bytes}, [&] {
          use(host.nodes[1], host.threads, {guest.gpus - gpus, guest.vcpus - vcpus, guest.bytes}, then);
        });
  }

  std::vector<Host> hosts_;
  const std::vector<Guest>& guests_;
  std::vector<Most> rest_;  // All guests from there on.
  Most best_;
};

}  // namespace

Most most_placed(std::vector<Host> hosts, const std::vector<Guest>& guests) {
  return Search(std::move(hosts), guests).run();
}

}  // namespace packing
