// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <utility>

#include "gpupass/error.hpp"
#include "system/worker/worker.hpp"

namespace gpupass {

namespace {

using std::chrono::milliseconds;

class Libvirt : public Hypervisor {
 public:
  Libvirt(std::shared_ptr<Worker> worker, std::string uri, milliseconds deadline, LockOfGuest lock_of_guest)
      : uri_(std::move(uri)),
        deadline_(deadline),
        lock_of_guest_(std::move(lock_of_guest)),
        worker_(std::move(worker)) {}

  Fact<DomainXml> domain(const std::string& name) const override {
    return worker_->answer_to(DescribeDomain{uri_, name}, deadline_);
  }
  void define(const std::string& name, const std::string& xml) override {
    change(name, DefineDomain{uri_, xml});
  }
  void undefine(const std::string& name) override { change(name, UndefineDomain{uri_, name}); }
  void set_metadata(const std::string& name, const std::string& xml_namespace,
                    const std::string& xml) override {
    change(name, SetDomainMetadata{uri_, name, xml_namespace, xml});
  }
  void start(const std::string& name) override { change(name, StartDomain{uri_, name}); }
  void destroy(const std::string& name) override { change(name, DestroyDomain{uri_, name}); }
  void attach(const std::string& name, const std::string& device_xml, Scope scope) override {
    change(name, AttachDevice{uri_, name, device_xml, scope});
  }
  void detach(const std::string& name, const std::string& device_xml, Scope scope) override {
    change(name, DetachDevice{uri_, name, device_xml, scope});
  }

  std::vector<std::string> wait_for_change(const std::string& name, milliseconds timeout) override {
    const auto whole = std::max(timeout, milliseconds(0));
    const WaitForChange question{uri_, name, static_cast<unsigned>(whole.count())};
    return worker_->answer_to(question, whole + deadline_).value_or({});
  }

 private:
  template <typename Request>
  void change(const std::string& name, const Request& order) {
    worker_->carry_out(order, lock_of_guest_ ? lock_of_guest_(name) : "", deadline_);
  }

  std::string uri_;
  milliseconds deadline_;
  LockOfGuest lock_of_guest_;
  std::shared_ptr<Worker> worker_;
};

}  // namespace

std::unique_ptr<Hypervisor> open_hypervisor(std::shared_ptr<Worker> worker, const std::string& uri,
                                            milliseconds deadline, LockOfGuest lock_of_guest) {
  return std::make_unique<Libvirt>(std::move(worker), uri, deadline, std::move(lock_of_guest));
}

}  // namespace gpupass
