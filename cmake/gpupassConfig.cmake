include("${CMAKE_CURRENT_LIST_DIR}/gpupassTargets.cmake")
