# What every target is compiled with.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(ANECHOIC_SANITIZE "" CACHE STRING "Sanitizers, as clang's -fsanitize= takes them: address,undefined or thread")
option(ANECHOIC_FUZZ "Build the fuzz targets (needs clang)" OFF)
option(ANECHOIC_COVERAGE "Instrument for llvm-cov" OFF)

add_library(anechoic_options INTERFACE)
target_compile_options(anechoic_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum -Wnon-virtual-dtor -Wold-style-cast -Werror)
target_compile_definitions(anechoic_options INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_include_directories(anechoic_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
if(ANECHOIC_SANITIZE)
  target_compile_options(anechoic_options INTERFACE -fsanitize=${ANECHOIC_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(anechoic_options INTERFACE -fsanitize=${ANECHOIC_SANITIZE})
  # Freed coroutine frames must really be freed, else a stale use goes unseen.
  target_compile_definitions(anechoic_options INTERFACE BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
endif()
if(ANECHOIC_FUZZ)
  target_compile_options(anechoic_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(ANECHOIC_COVERAGE)
  target_compile_options(anechoic_options INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(anechoic_options INTERFACE -fprofile-instr-generate)
endif()
