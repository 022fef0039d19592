# Whether the programs hold all that they need but the C library. They start in half the time then: the dynamic linker would
# have to look up thousands of symbols in a dozen libraries. The library itself is always a shared one.
include(CheckCXXSourceCompiles)
find_library(boost_archive NAMES libboost_program_options.a)
find_library(pugixml_archive NAMES libpugixml.a)
find_library(yaml_archive NAMES libyaml-cpp.a)
set(static_runtime -static-libstdc++ -static-libgcc)
set(CMAKE_REQUIRED_LINK_OPTIONS ${static_runtime})
check_cxx_source_compiles("#include <iostream>\nint main() { std::cout << 1; }" has_static_runtime)
unset(CMAKE_REQUIRED_LINK_OPTIONS)

set(can_be_self_contained OFF)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND NOT GPUPASS_SANITIZE AND boost_archive AND pugixml_archive AND yaml_archive
   AND has_static_runtime)
  set(can_be_self_contained ON)
endif()
option(GPUPASS_SELF_CONTAINED "Link the programs with all that they need but the C library" ${can_be_self_contained})

if(GPUPASS_SELF_CONTAINED)
  # Debian has no archive of fmt, but its headers hold all of it: this compiles each function once.
  file(CONFIGURE OUTPUT fmt.cpp CONTENT "#include <fmt/format.h>\n#include <locale>
template std::locale fmt::detail::locale_ref::get<std::locale>() const;\n")
  add_library(gpupass_fmt STATIC ${CMAKE_CURRENT_BINARY_DIR}/fmt.cpp)
  target_link_libraries(gpupass_fmt PRIVATE fmt::fmt-header-only)
  target_compile_options(gpupass_fmt PRIVATE -fkeep-inline-functions)
  set_target_properties(gpupass_fmt PROPERTIES POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF
                        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endif()

# Links a program with fmt, and with these libraries: shared ones, or archives.
function(link_program target)
  cmake_parse_arguments(PARSE_ARGV 1 with "" "" "SHARED;STATIC")
  if(GPUPASS_SELF_CONTAINED)
    target_link_libraries(${target} PRIVATE ${with_STATIC} gpupass_fmt)
    target_include_directories(${target} PRIVATE $<TARGET_PROPERTY:fmt::fmt,INTERFACE_INCLUDE_DIRECTORIES>)
    target_link_options(${target} PRIVATE ${static_runtime} LINKER:--as-needed)
  else()
    target_link_libraries(${target} PRIVATE ${with_SHARED} fmt::fmt)
    target_link_options(${target} PRIVATE LINKER:--as-needed)
  endif()
endfunction()
