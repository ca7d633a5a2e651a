// SPDX-License-Identifier: Apache-2.0
#include "track.h"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

std::size_t now = 0;
std::size_t most = 0;
std::size_t calls = 0;

void* taken(std::size_t size) {
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  now += malloc_usable_size(memory);
  if (now > most) most = now;
  ++calls;
  return memory;
}

void given_back(void* memory) {
  // What was there before begin() may be freed after it.
  const std::size_t size = malloc_usable_size(memory);
  now -= size < now ? size : now;
  std::free(memory);
}

}  // namespace

namespace anechoic::track {

void begin() {
  now = 0;
  most = 0;
  calls = 0;
}
std::size_t peak() {
  return most;
}
std::size_t allocations() {
  return calls;
}

}  // namespace anechoic::track

void* operator new(std::size_t size) {
  return taken(size);
}
void* operator new[](std::size_t size) {
  return taken(size);
}
void operator delete(void* memory) noexcept {
  given_back(memory);
}
void operator delete[](void* memory) noexcept {
  given_back(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  given_back(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  given_back(memory);
}
