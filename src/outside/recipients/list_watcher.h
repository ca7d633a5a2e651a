// SPDX-License-Identifier: Apache-2.0
// One thread that looks at the recipient files every few seconds and loads those that have changed.
// Threads: look_now() and accept() from any. Lifetime: the destructor ends the thread, after a load that is under way.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "outside/recipients/address_list.h"

namespace anechoic::recipients {

class ListWatcher {
 public:
  ListWatcher(std::vector<std::shared_ptr<AddressList>> lists, std::chrono::milliseconds every);
  ~ListWatcher();
  ListWatcher(const ListWatcher&) = delete;
  ListWatcher& operator=(const ListWatcher&) = delete;

  void look_now();  // does not wait
  // Takes the source's file even if it has shrunk (AddressList::accept), soon; false: no list has this name.
  bool accept(std::string_view source);

 private:
  void watch();

  const std::vector<std::shared_ptr<AddressList>> lists_;
  const std::chrono::milliseconds every_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool look_ = false;
  std::vector<std::shared_ptr<AddressList>> to_accept_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace anechoic::recipients
