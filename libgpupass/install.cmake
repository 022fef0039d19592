# How the library is installed: everything below the prefix, found from there also after a move.
include(CMakePackageConfigHelpers)

install(TARGETS gpupass EXPORT gpupassTargets LIBRARY)
install(DIRECTORY include/gpupass TYPE INCLUDE)

# find_package(gpupass)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/gpupass)
install(EXPORT gpupassTargets NAMESPACE gpupass:: DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/gpupassConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES libgpupass/gpupassConfig.cmake ${CMAKE_BINARY_DIR}/gpupassConfigVersion.cmake DESTINATION ${package})

# pkg-config: where the file itself is tells the prefix, however many folders deep libdir is.
cmake_path(APPEND CMAKE_INSTALL_LIBDIR pkgconfig OUTPUT_VARIABLE pkgconfig)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE up)
set(PC_PREFIX "\${pcfiledir}/${up}")
cmake_path(APPEND PC_LIBDIR "\${prefix}" ${CMAKE_INSTALL_LIBDIR})
cmake_path(APPEND PC_INCLUDEDIR "\${prefix}" ${CMAKE_INSTALL_INCLUDEDIR})
configure_file(libgpupass/gpupass.pc.in gpupass.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/gpupass.pc DESTINATION ${pkgconfig})

install(FILES LICENSE LICENSE.LGPL-2.1 LICENSE.GPL-2.0 README.md TYPE DOC)
install(DIRECTORY examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
