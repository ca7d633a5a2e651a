// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/list_watcher.h"

#include <algorithm>
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

bool ListWatcher::accept(std::string_view source) {
  const auto list = std::ranges::find(lists_, source, [](const auto& each) { return std::string_view(each->name()); });
  if (list == lists_.end()) {
    return false;
  }
  {
    const std::lock_guard lock(mutex_);
    to_accept_.push_back(*list);
    look_ = true;
  }
  wake_.notify_all();
  return true;
}

void ListWatcher::watch() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    wake_.wait_for(lock, every_, [this] { return stop_ || look_; });
    look_ = false;
    if (stop_) {
      return;
    }
    const std::vector<std::shared_ptr<AddressList>> accepted = std::exchange(to_accept_, {});
    lock.unlock();
    for (const std::shared_ptr<AddressList>& list : accepted) {
      (void)list->accept();  // what is wrong with it is an alarm
    }
    for (const std::shared_ptr<AddressList>& list : lists_) {
      list->load_if_changed();
    }
    lock.lock();
  }
}

}  // namespace anechoic::recipients
