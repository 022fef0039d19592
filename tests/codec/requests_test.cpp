// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "gpupass/json.hpp"

namespace gpupass::requests_test {
namespace {

std::vector<Request> read(const std::string& requests) {
  return requests_from_json(R"({"format": 1, "requests": )" + requests + "}");
}

std::string complaint(const std::string& requests) {
  try {
    read(requests);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Malformed);
    return error.what();
  }
  return "accepted";
}

TEST(Requests, HaveDefaultsForAllButTheName) {
  Request expected;
  expected.name = "a";
  EXPECT_EQ(read(R"([{"name": "a"}])"), std::vector<Request>{expected});
  EXPECT_TRUE(read("[]").empty());
}

TEST(Requests, SayWhatTheCommandLineSays) {
  Request expected;
  expected.name = "a";
  expected.gpu_count = 2;
  expected.vcpus = 16;
  expected.memory_bytes = std::uint64_t{64} << 30;
  expected.numa = NumaPolicy::Preferred;
  expected.page_size_bytes = std::uint64_t{1} << 30;
  expected.reserved_cpus = CpuSet{0, 1, 2};
  expected.cells = {{1, 4, 4096}};
  EXPECT_EQ(
      read(R"([{"name": "a", "gpus": 2, "vcpus": 16, "memory": "64G", "numa": "preferred", "hugepages": "1G",
                     "reserve_cpus": "0-2", "cells": [{"node": 1, "vcpus": 4, "memory": 4096}]}])"),
      std::vector<Request>{expected});
  EXPECT_EQ(read(R"([{"name": "a", "hugepages": "off"}])")[0].page_size_bytes, 0u);
}

TEST(Requests, NameWhatIsWrongAndWhere) {
  EXPECT_EQ(complaint("{}"), "cannot read requests: saw {}, expected an array");
  EXPECT_EQ(complaint("[1]"), "cannot read requests[0]: saw 1, expected an object with a \"name\"");
  EXPECT_EQ(complaint(R"([{"gpus": 1}])"),
            "cannot read requests[0]: saw {\"gpus\":1}, expected an object with a \"name\"");
  EXPECT_EQ(
      complaint(R"([{"name": "a", "gpu": 1}])"),
      "cannot read requests[0].gpu: saw an unknown key, expected one of name, gpus, vcpus, memory, numa, "
      "hugepages, reserve_cpus, cells");
  EXPECT_EQ(complaint(R"([{"name": "a", "gpus": 256}])"),
            "cannot read requests[0].gpus: saw 256, expected an integer from 0 to 255");
  EXPECT_EQ(complaint(R"([{"name": "a", "memory": "much"}])"),
            "cannot read requests[0].memory: saw \"much\", expected a size such as \"64G\"");
  EXPECT_EQ(complaint(R"([{"name": "a", "memory": -1}])"),
            "cannot read requests[0].memory: saw -1, expected a size such as \"64G\"");
  EXPECT_EQ(complaint(R"([{"name": "a"}, {"name": "a"}])"),
            "cannot read requests[1].name: saw \"a\", expected a name that no other request has");
  EXPECT_THAT(complaint(R"([{"name": "a", "numa": "legacy"}])"),
              testing::HasSubstr("one of required, socket"));
  EXPECT_THAT(complaint(R"([{"name": "a", "cells": [{}]}])"), testing::HasSubstr("requests[0].cells[0]"));
  EXPECT_THAT(complaint("[{"), testing::HasSubstr("expected JSON"));
  const std::string deep(200'000, '[');
  EXPECT_THAT(complaint(deep + std::string(200'000, ']')), testing::HasSubstr("at most 64 levels"));
}

}  // namespace
}  // namespace gpupass::requests_test
