// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "gpupass/error.hpp"
#include "guest/edit/recorded_identity.hpp"
#include "guest/model/domain_xml.hpp"
#include "system/worker/answer.hpp"
#include "system/worker/worker.hpp"

namespace gpupass {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using std::chrono::milliseconds;

// What libvirt itself may take for a change that goes well.
constexpr milliseconds kDefinition = 60s;
constexpr milliseconds kStart = 600s;    // Allocates and clears all of the guest's memory.
constexpr milliseconds kDestroy = 120s;  // A guest with host devices gets time to let go of each.
constexpr milliseconds kDevice = 120s;   // Attaching pins all of the guest's memory.

class Libvirt : public Hypervisor {
 public:
  Libvirt(std::string uri, milliseconds deadline, LockOfGuest lock_of_guest)
      : uri_(std::move(uri)),
        deadline_(deadline),
        lock_of_guest_(std::move(lock_of_guest)),
        worker_(std::make_unique<Worker>(deadline)) {}

  Fact<DomainXml> domain(const std::string& name) const override {
    const json answer = call({{"op", "domain"}, {"name", name}}, deadline_);
    if (answer.is_null()) return Absent{};
    return domain_from(answer);
  }

  void define(const std::string& xml) override {
    change(lock_of_guest_ ? domain_name(xml) : "", {{"op", "define"}, {"xml", xml}}, kDefinition);
  }
  void undefine(const std::string& name) override {
    change(name, {{"op", "undefine"}, {"name", name}}, kDefinition);
  }
  void set_metadata(const std::string& name, const std::string& xml) override {
    change(name, {{"op", "set-metadata"}, {"name", name}, {"namespace", kMetadataNamespace}, {"xml", xml}},
           kDefinition);
  }
  void start(const std::string& name) override { change(name, {{"op", "start"}, {"name", name}}, kStart); }
  void destroy(const std::string& name) override {
    change(name, {{"op", "destroy"}, {"name", name}}, kDestroy);
  }

  void attach(const std::string& name, const std::string& device_xml, Scope scope) override {
    change_device("attach", name, device_xml, scope);
  }
  void detach(const std::string& name, const std::string& device_xml, Scope scope) override {
    change_device("detach", name, device_xml, scope);
  }

  std::vector<std::string> wait_for_change(const std::string& name, milliseconds timeout) override {
    const auto whole = std::max(timeout, 0ms);
    return refusals_from(
        call({{"op", "wait-for-change"}, {"name", name}, {"timeout_ms", whole.count()}}, whole + deadline_));
  }

 private:
  json call(json request, milliseconds deadline) const {
    request["uri"] = uri_;
    return worker_->call(request, std::max(deadline, deadline_));
  }

  void change(const std::string& name, json request, milliseconds deadline) {
    request["lock"] = lock_of_guest_ ? lock_of_guest_(name) : "";
    call(std::move(request), deadline);
  }

  void change_device(const char* operation, const std::string& name, const std::string& xml, Scope scope) {
    change(name, {{"op", operation}, {"name", name}, {"xml", xml}, {"scope", to_string(scope)}}, kDevice);
  }

  std::string uri_;
  milliseconds deadline_;
  LockOfGuest lock_of_guest_;
  std::unique_ptr<Worker> worker_;  // Behind a pointer: asking it a question changes it.
};

}  // namespace

std::unique_ptr<Hypervisor> open_hypervisor(const std::string& uri, milliseconds deadline,
                                            LockOfGuest lock_of_guest) {
  return std::make_unique<Libvirt>(uri, deadline, std::move(lock_of_guest));
}

}  // namespace gpupass
