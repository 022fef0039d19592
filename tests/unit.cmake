# The unit tests: one program for each folder of libgpupass. They take most of the compiler's time.
find_package(GTest REQUIRED)
include(GoogleTest)

# Common headers are precompiled once for all tests.
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/headers.cpp "")
add_library(test_headers OBJECT ${CMAKE_CURRENT_BINARY_DIR}/headers.cpp)
target_link_libraries(test_headers PRIVATE GTest::gtest GTest::gmock fmt::fmt nlohmann_json::nlohmann_json)
target_include_directories(test_headers PRIVATE ${CMAKE_SOURCE_DIR}/include)
target_precompile_headers(test_headers PRIVATE support/precompiled.hpp)

# Code that tests of several folders share: the fake kernel, captured hosts.
file(GLOB_RECURSE sources CONFIGURE_DEPENDS support/*.cpp)
add_library(test_support OBJECT ${sources})
target_include_directories(test_support PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(test_support PUBLIC gpupass_system GTest::gtest GTest::gmock)
target_precompile_headers(test_support REUSE_FROM test_headers)
set_source_files_properties(support/folders.cpp PROPERTIES COMPILE_DEFINITIONS
  "GPUPASS_SOURCE_DIR=\"${CMAKE_SOURCE_DIR}\";GPUPASS_BINARY_DIR=\"${CMAKE_BINARY_DIR}\"")

# The tests of one folder of libgpupass, linked with the listed folders and with those that the test doubles need.
function(gpupass_tests room)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${room}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_(speed|double)[.]cpp$")
  add_executable(test_${room} ${sources})
  target_include_directories(test_${room} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/libgpupass)
  foreach(other values codec guest change system ${ARGN})
    target_link_libraries(test_${room} PRIVATE gpupass_${other})
  endforeach()
  target_precompile_headers(test_${room} REUSE_FROM test_headers)
  target_link_libraries(test_${room} PRIVATE test_support GTest::gtest_main GTest::gmock)
  gtest_discover_tests(test_${room} DISCOVERY_MODE PRE_TEST TEST_FILTER -Laws.* PROPERTIES TIMEOUT 300)
endfunction()

gpupass_tests(values)
gpupass_tests(codec)
gpupass_tests(guest policy probe render)
gpupass_tests(system)
pkg_check_modules(hwloc REQUIRED IMPORTED_TARGET hwloc)  # What it says of CPUs is compared with what we read.
target_link_libraries(test_system PRIVATE PkgConfig::hwloc)
gpupass_tests(worker)
# How the worker starts programs.
target_sources(test_worker PRIVATE ${CMAKE_SOURCE_DIR}/tools/worker/program.cpp
                                   ${CMAKE_SOURCE_DIR}/tools/worker/ongoing_change.cpp ${CMAKE_SOURCE_DIR}/tools/worker/file.cpp)
target_include_directories(test_worker PRIVATE ${CMAKE_SOURCE_DIR}/tools/worker)
add_dependencies(test_worker gpupass-worker nvml-double)
gpupass_tests(probe probe policy)
gpupass_tests(policy policy probe)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  set_source_files_properties(render/outlook_test.cpp PROPERTIES COMPILE_OPTIONS
                              "-Wno-array-bounds;-Wno-stringop-overflow")  # False alarms in std::string's operator+.
endif()
gpupass_tests(render render policy probe)
gpupass_tests(apply apply policy probe render)
gpupass_tests(c c apply policy probe render)
# In one process, which counts the cases.
add_test(NAME laws COMMAND test_apply --gtest_filter=Laws.* --gtest_brief=1)
set_tests_properties(laws PROPERTIES TIMEOUT 900 COST 1000)
