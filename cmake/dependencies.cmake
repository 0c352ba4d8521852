# The libraries we stand on, all from the distribution. What is missing is named with its Debian package.
function(xgrad_require found what package)
  if(NOT ${found})
    message(FATAL_ERROR "xgrad: expected ${what}, found none; on Debian: apt install ${package}")
  endif()
endfunction()

find_package(fmt QUIET)
xgrad_require(fmt_FOUND "the fmt library" libfmt-dev)
find_package(nlohmann_json QUIET)
xgrad_require(nlohmann_json_FOUND "nlohmann's JSON library" nlohmann-json3-dev)
find_package(ZLIB QUIET)
xgrad_require(ZLIB_FOUND "zlib" zlib1g-dev)
find_path(XTENSOR_INCLUDE xtensor/xtensor_config.hpp)
xgrad_require(XTENSOR_INCLUDE "the xtensor headers" libxtensor-dev)
find_path(XTL_INCLUDE xtl/xtl_config.hpp)
xgrad_require(XTL_INCLUDE "the xtl headers" xtl-dev)
find_library(DNNL_LIBRARY dnnl)
xgrad_require(DNNL_LIBRARY "oneDNN" libdnnl-dev)
# LIBXSMM without its BLAS: the products it does not generate code for are ours.
find_library(XSMM_LIBRARY xsmm)
find_library(XSMM_NOBLAS_LIBRARY xsmmnoblas)
xgrad_require(XSMM_NOBLAS_LIBRARY "LIBXSMM" libxsmm-dev)
find_package(Threads REQUIRED)

# oneDNN threads with OpenMP; its thread count is set by us, whatever compiler builds the rest.
set(XGRAD_LINK_LIBRARIES ${DNNL_LIBRARY} ${XSMM_LIBRARY} ${XSMM_NOBLAS_LIBRARY} -l:libgomp.so.1 z dl pthread)
add_library(xgrad_private_libraries INTERFACE)
target_link_libraries(xgrad_private_libraries INTERFACE ${XGRAD_LINK_LIBRARIES} nlohmann_json::nlohmann_json)
