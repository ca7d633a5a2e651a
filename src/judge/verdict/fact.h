// SPDX-License-Identifier: Apache-2.0
// A fact in its three states: known, unknown because, not asked. "The look-up failed" is not "no"; only decide() turns
// an unknown into an action.   Threads: values.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace anechoic::judge {

template <typename T>
class Fact {
 public:
  Fact() = default;  // not asked
  [[nodiscard]] static Fact known(T value) { return Fact(std::move(value)); }
  [[nodiscard]] static Fact unknown(std::string because) { return Fact(Unknown{std::move(because)}); }

  [[nodiscard]] bool is_known() const { return std::holds_alternative<T>(state_); }
  [[nodiscard]] bool is_unknown() const { return std::holds_alternative<Unknown>(state_); }
  [[nodiscard]] bool not_asked() const { return std::holds_alternative<NotAsked>(state_); }
  [[nodiscard]] const T& value() const { return std::get<T>(state_); }                        // REQUIRES: is_known()
  [[nodiscard]] const std::string& because() const { return std::get<Unknown>(state_).why; }  // REQUIRES: is_unknown()

  friend bool operator==(const Fact&, const Fact&) = default;

 private:
  struct NotAsked {
    friend bool operator==(const NotAsked&, const NotAsked&) = default;
  };
  struct Unknown {
    std::string why;
    friend bool operator==(const Unknown&, const Unknown&) = default;
  };
  template <typename S>
  explicit Fact(S state) : state_(std::move(state)) {}

  std::variant<NotAsked, Unknown, T> state_;
};

}  // namespace anechoic::judge
