// SPDX-License-Identifier: Apache-2.0
// Moves what stands in the write-ahead log of a database into the database, on a thread and a connection of its own, so
// that nobody who writes waits for the disk (measured: 236 ms worst stall with automatic checkpoints, 4 ms without).
//
// Threads: one caller (the writer thread); the work is done on the Checkpointer's own thread.
// Lifetime: the destructor ends what was begun and seals what was retired.                                   DESIGN 3d
#pragma once

#include <memory>
#include <string>

#include "outside/store/database.h"

namespace anechoic::store {

class Checkpointer {
 public:
  static constexpr int kPages = 1000;           // pages in the log that make a checkpoint worth while
  static constexpr int kTooManyPages = 16'384;  // the writer is made to wait, so that the log begins anew

  Checkpointer();
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // After a commit of `database`: checkpoints its file if its log has grown.
  void after_commit(const Database& database);
  // The file was set aside or deleted: lets go of it, so that a new one may take its name.
  void forget();
  // Nobody writes to it any more: checkpoints, leaves WAL mode, closes.
  void retire(Database database);
  // The same for a file that an earlier process left.
  void retire(std::string path);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::store
