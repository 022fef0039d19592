// SPDX-License-Identifier: LGPL-2.1-or-later
#include <array>
#include <string>

#include "gpupass/error.hpp"
#include "gpupass/gpupass.h"
#include "support/folders.hpp"

namespace gpupass::c_test {
namespace {

using testing::HasSubstr;

/// What a function of C gave, freed at the end.
struct Text {
  explicit Text(char* text) : text(text) {}
  ~Text() { gpupass_free(text); }
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  char* text;
};

class C : public testing::Test {
 protected:
  C() {
    const std::string options =
        fmt::format("{{\"root\": \"{}\"}}", source_path("examples/hosts/8gpu-2socket.host"));
    system_ = gpupass_open(options.c_str(), &error_);
    host_ = gpupass_probe(system_, nullptr, nullptr, &error_);
  }
  ~C() override {
    gpupass_error_free(error_);
    gpupass_host_free(host_);
    gpupass_close(system_);
  }

  /// Expects that a function has failed, and so.
  void expect_error(const void* result, gpupass_code code, const char* words) {
    EXPECT_EQ(result, nullptr);
    ASSERT_NE(error_, nullptr);
    EXPECT_EQ(gpupass_error_code(error_), code) << gpupass_error_message(error_);
    EXPECT_THAT(gpupass_error_message(error_), HasSubstr(words));
    EXPECT_THAT(gpupass_error_json(error_), HasSubstr(gpupass_code_name(code)));
    gpupass_error_free(error_);
    error_ = nullptr;
  }

  gpupass_system* system_ = nullptr;
  gpupass_host* host_ = nullptr;
  gpupass_error* error_ = nullptr;
};

TEST_F(C, PlacesBindsAndForesees) {
  const Text placement(gpupass_place(host_, "{\"gpus\": [\"9a:00.0\"], \"vcpus\": 8}", &error_));
  ASSERT_NE(placement.text, nullptr) << gpupass_error_message(error_);
  EXPECT_THAT(placement.text, HasSubstr("\"0000:9a:00.0\""));
  const std::array<const char*, 2> gpus = {"9a:00.0", nullptr};
  const Text plan(gpupass_plan_bind(host_, gpus.data(), nullptr, &error_));
  ASSERT_NE(plan.text, nullptr) << gpupass_error_message(error_);
  gpupass_host* then = gpupass_after(host_, plan.text, &error_);
  const Text list(gpupass_render(then, "list", nullptr, nullptr, &error_));
  EXPECT_THAT(list.text, HasSubstr("vfio-pci"));
  gpupass_host_free(then);
  EXPECT_EQ(error_, nullptr);
}

TEST_F(C, PlansOfSlicesTakeOneOrder) {
  expect_error(gpupass_plan_slice_create(host_, "9a:00.0", nullptr, &error_), GPUPASS_USAGE,
               "expected one of vfs, type and mig");
  expect_error(gpupass_plan_slice_create(host_, "9a:00.0", "{\"vfs\": 2, \"mig\": []}", &error_),
               GPUPASS_USAGE, "expected one of vfs, type and mig");
  expect_error(gpupass_plan_slice_create(host_, "9a:00.0", "{\"profiles\": []}", &error_), GPUPASS_MALFORMED,
               "options.profiles");
  expect_error(gpupass_plan_slice_create(host_, "9a:00.0", "{\"mig\": [\"3g.40gb\"]}", &error_),
               GPUPASS_REFUSED, "MIG is not known");
  expect_error(gpupass_plan_slice_create(host_, nullptr, "{\"vfs\": 2}", &error_), GPUPASS_USAGE,
               "expected a GPU");
  const std::array<const char*, 2> gpus = {"9a:00.0", nullptr};
  expect_error(gpupass_plan_slice_destroy(host_, gpus.data(), "{\"mig\": [], \"mig_off\": true}", &error_),
               GPUPASS_USAGE, "one of mig and mig_off");
  expect_error(gpupass_plan_slice_destroy(host_, gpus.data(), "{\"mig_off\": true}", &error_),
               GPUPASS_REFUSED, "MIG is not known");
  const std::array<const char*, 2> unknown = {"c73f1fa6-489e-4834-9476-d70dabd98c40", nullptr};
  expect_error(gpupass_plan_slice_destroy(host_, unknown.data(), nullptr, &error_), GPUPASS_NOT_FOUND,
               "c73f1fa6");
}

TEST_F(C, RefusesNullAndWhatItDoesNotKnow) {
  expect_error(gpupass_place(nullptr, nullptr, &error_), GPUPASS_USAGE, "expected a host");
  expect_error(gpupass_after(host_, nullptr, &error_), GPUPASS_USAGE, "expected a plan");
  expect_error(gpupass_pack(nullptr, 1, "{}", nullptr, &error_), GPUPASS_USAGE, "array of hosts");
  expect_error(gpupass_place(host_, "{\"gpu\": 1}", &error_), GPUPASS_MALFORMED,
               "request.gpu: saw an unknown key");
  expect_error(gpupass_place(host_, "[]", &error_), GPUPASS_MALFORMED, "expected an object");
  expect_error(gpupass_place(host_, "{", &error_), GPUPASS_MALFORMED, "expected JSON");
  expect_error(gpupass_plan_bind(host_, nullptr, "{\"force\": \"all\"}", &error_), GPUPASS_MALFORMED,
               "options.force");
  expect_error(gpupass_open("{\"root\": 5}", &error_), GPUPASS_MALFORMED, "options.root");
  expect_error(gpupass_probe(system_, "cook", nullptr, &error_), GPUPASS_USAGE, "expected one of list, show");
  expect_error(gpupass_apply(system_, "{\"format\": 2}", nullptr, nullptr, &error_), GPUPASS_MALFORMED,
               "format");
  expect_error(gpupass_host_from_json("\xff", &error_), GPUPASS_MALFORMED, "expected JSON");
}

TEST_F(C, NeedsNoPlaceForAnError) {
  EXPECT_EQ(gpupass_place(nullptr, nullptr, nullptr), nullptr);
  gpupass_error_free(nullptr);
  gpupass_host_free(nullptr);
  gpupass_close(nullptr);
  gpupass_free(nullptr);
}

TEST_F(C, HasTheCodesOfTheLibrary) {
  for (int code = GPUPASS_USAGE; code <= GPUPASS_CANCELLED; ++code)
    EXPECT_EQ(gpupass_code_name(static_cast<gpupass_code>(code)),
              to_string(static_cast<ErrorCode>(code - GPUPASS_USAGE)));
}

}  // namespace
}  // namespace gpupass::c_test
