# add_rules(ROOM NAME...)
#
# Turns data/NAME.toml, or the files data/NAME/*.toml, into the header "rules/NAME.h" of constexpr tables, which the room's
# sources and tests include
# (scripts/rules-to-cpp says what stands in it). To be called behind add_module(ROOM), whose sources must be there.
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)  # tomllib

function(add_rules ROOM)
  string(REPLACE "/" "_" room "anechoic_${ROOM}")
  set(headers "")
  foreach(name ${ARGN})
    set(header ${CMAKE_BINARY_DIR}/generated/rules/${name}.h)
    set(source ${PROJECT_SOURCE_DIR}/data/${name}.toml)
    set(files ${source})
    if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/data/${name})
      set(source ${PROJECT_SOURCE_DIR}/data/${name})
      file(GLOB files CONFIGURE_DEPENDS ${source}/*.toml)
    endif()
    add_custom_command(OUTPUT ${header}
      COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/scripts/rules-to-cpp ${source} ${header}
      DEPENDS ${files} ${PROJECT_SOURCE_DIR}/scripts/rules-to-cpp
      COMMENT "Rules ${name}" VERBATIM)
    list(APPEND headers ${header})
  endforeach()
  add_custom_target(${room}_rules DEPENDS ${headers})
  add_dependencies(${room} ${room}_rules)
  target_include_directories(${room} SYSTEM PUBLIC ${CMAKE_BINARY_DIR}/generated)
endfunction()
