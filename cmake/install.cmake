# How gpupass is installed: everything below the prefix, found from there also after a move.
include(CMakePackageConfigHelpers)

# The folders below the prefix that other software uses as well: `uninstall` removes those that the installation made.
set(shared_folders ${CMAKE_INSTALL_BINDIR} ${CMAKE_INSTALL_LIBDIR}/cmake ${CMAKE_INSTALL_LIBDIR}/pkgconfig
    ${CMAKE_INSTALL_LIBEXECDIR} ${CMAKE_INSTALL_INCLUDEDIR} ${CMAKE_INSTALL_DATAROOTDIR}/doc
    ${CMAKE_INSTALL_DATADIR}/bash-completion/completions ${CMAKE_INSTALL_DATADIR}/zsh/site-functions
    ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d ${CMAKE_INSTALL_DATADIR}/ansible/collections/ansible_collections
    ${CMAKE_INSTALL_MANDIR}/man3 ${CMAKE_INSTALL_MANDIR}/man5 ${CMAKE_INSTALL_MANDIR}/man7 ${CMAKE_INSTALL_MANDIR}/man8
    lib/systemd/system/sysinit.target.wants lib/systemd/system/multi-user.target.wants)
foreach(script before_install linker_cache uninstall)
  configure_file(cmake/${script}.cmake.in ${script}.cmake @ONLY)
endforeach()
install(SCRIPT ${CMAKE_BINARY_DIR}/before_install.cmake)
add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -P ${CMAKE_BINARY_DIR}/uninstall.cmake VERBATIM)

install(TARGETS gpupass EXPORT gpupassTargets LIBRARY)
install(SCRIPT ${CMAKE_BINARY_DIR}/linker_cache.cmake)
install(DIRECTORY include/gpupass TYPE INCLUDE)
set(GPUPASS_PYTHON_DIR ${CMAKE_INSTALL_DATADIR}/gpupass/python CACHE STRING "Where the Python package goes, below the prefix")
install(DIRECTORY libgpupass/python/gpupass DESTINATION ${GPUPASS_PYTHON_DIR} PATTERN __pycache__ EXCLUDE)

# find_package(gpupass)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/gpupass)
install(EXPORT gpupassTargets NAMESPACE gpupass:: DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/gpupassConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/gpupassConfig.cmake ${CMAKE_BINARY_DIR}/gpupassConfigVersion.cmake DESTINATION ${package})

# pkg-config: where the file itself is tells the prefix, however many folders deep libdir is.
cmake_path(APPEND CMAKE_INSTALL_LIBDIR pkgconfig OUTPUT_VARIABLE pkgconfig)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE up)
set(PC_PREFIX "\${pcfiledir}/${up}")
cmake_path(APPEND PC_LIBDIR "\${prefix}" ${CMAKE_INSTALL_LIBDIR})
cmake_path(APPEND PC_INCLUDEDIR "\${prefix}" ${CMAKE_INSTALL_INCLUDEDIR})
configure_file(cmake/gpupass.pc.in gpupass.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/gpupass.pc DESTINATION ${pkgconfig})

install(FILES LICENSE LICENSE.LGPL-2.1 LICENSE.GPL-2.0 README.md TYPE DOC)
install(DIRECTORY examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
