// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/list_watcher.h"

#include <utility>

namespace anechoic::recipients {

ListWatcher::ListWatcher(std::vector<std::shared_ptr<AddressList>> lists, std::chrono::milliseconds every)
    : lists_(std::move(lists)), every_(every), thread_([this] { watch(); }) {}

ListWatcher::~ListWatcher() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void ListWatcher::look_now() {
  {
    const std::lock_guard lock(mutex_);
    look_ = true;
  }
  wake_.notify_all();
}

void ListWatcher::watch() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    wake_.wait_for(lock, every_, [this] { return stop_ || look_; });
    look_ = false;
    if (stop_) {
      return;
    }
    lock.unlock();
    for (const std::shared_ptr<AddressList>& list : lists_) {
      list->load_if_changed();
    }
    lock.lock();
  }
}

}  // namespace anechoic::recipients
