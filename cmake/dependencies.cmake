# Third-party libraries, all from Debian 12. Each has one home in src/ (docs/decisions, DESIGN).
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(GTest REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(GMIME REQUIRED IMPORTED_TARGET gmime-3.0)
find_package(ZLIB REQUIRED)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
# Not by pkg-config: libunbound.pc of Debian 12 asks for libevent's, which nothing here needs.
find_path(UNBOUND_INCLUDE_DIR unbound.h REQUIRED)
find_library(UNBOUND_LIBRARY unbound REQUIRED)
add_library(unbound INTERFACE)
target_include_directories(unbound SYSTEM INTERFACE ${UNBOUND_INCLUDE_DIR})
target_link_libraries(unbound INTERFACE ${UNBOUND_LIBRARY})
pkg_check_modules(YAMLCPP REQUIRED IMPORTED_TARGET yaml-cpp)  # tests only
# Its -pthread would reach the rooms above and make their compilation differ from the precompiled header's.
set_property(TARGET PkgConfig::GMIME PROPERTY INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(TOMLPP REQUIRED IMPORTED_TARGET tomlplusplus)

# Asio is compiled once as a header of its own: it is most of the time of every unit that performs I/O.
if(NOT EXISTS ${CMAKE_BINARY_DIR}/asio_pch.cc)
  file(WRITE ${CMAKE_BINARY_DIR}/asio_pch.cc "")
endif()
add_library(anechoic_asio_pch STATIC ${CMAKE_BINARY_DIR}/asio_pch.cc)
target_link_libraries(anechoic_asio_pch PUBLIC anechoic_options Boost::headers Threads::Threads)
target_precompile_headers(anechoic_asio_pch PRIVATE <boost/asio.hpp> <memory> <string> <vector> <variant> <optional>)
target_compile_options(anechoic_asio_pch PUBLIC "SHELL:-Xclang -fno-pch-timestamp")
