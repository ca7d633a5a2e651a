// SPDX-License-Identifier: Apache-2.0
#include "outside/net/worker.h"

#include <pthread.h>

namespace anechoic::net {

Worker::Worker(std::string name, unsigned threads, std::size_t queue_limit)
    : name_(std::move(name)), queue_limit_(queue_limit) {
  threads_.reserve(threads);
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { work(); });
    (void)pthread_setname_np(threads_.back().native_handle(), name_.substr(0, 15).c_str());
  }
}

Worker::~Worker() {
  finish();
}

void Worker::finish() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

bool Worker::submit(Job job) {
  if (!reserve()) return false;
  enqueue(std::move(job));
  return true;
}

std::size_t Worker::queued() const {
  const std::scoped_lock lock(mutex_);
  return reserved_;
}

bool Worker::reserve() {
  const std::scoped_lock lock(mutex_);
  if (reserved_ >= queue_limit_ || stopping_) return false;
  ++reserved_;
  return true;
}

void Worker::enqueue(Job job) {
  {
    const std::scoped_lock lock(mutex_);
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void Worker::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    --reserved_;
    lock.unlock();
    job();
    job = nullptr;  // what it holds is not destroyed under the lock
    lock.lock();
  }
}

Failure Worker::full() const {
  return fail(Errc::Exhausted, name_ + ": " + std::to_string(queue_limit_) + " jobs are waiting already");
}

}  // namespace anechoic::net
