/* SPDX-License-Identifier: Apache-2.0
 * Preloaded into the gateway: writes down, in order, what it does to files below ANECHOIC_SHIM_ROOT and what it sends to
 * sockets, and makes syncs or writes fail on demand.
 *
 *   ANECHOIC_SHIM_LOG    one line an event: START END KIND FIELDS...; START and END are numbers of one counter, taken
 *                        before and after the call, so an fsync covers what ended before it started
 *   ANECHOIC_SHIM_ROOT   the Maildirs
 *   ANECHOIC_SHIM_FAIL   a file; while it holds one of these words, calls fail: "file" (fsync of a file: EIO), "folder"
 *                        (fsync of a folder: EIO), "write" (write: ENOSPC), "rename" (EIO)
 *   ANECHOIC_SHIM_SKIP   fsync and fdatasync do nothing and say 0, unlogged: the control, which the checker must catch
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MAX_FD = 65536, SENT_OCTETS = 160 };

static atomic_ulong counter;
static int log_fd = -1;
static char root[PATH_MAX];
static size_t root_length;
static const char* fail_file;
static int skip_syncs;
static atomic_char tracked[MAX_FD]; /* 'f' file, 'd' folder, 0 not ours */

static unsigned long tick(void) { return atomic_fetch_add(&counter, 1) + 1; }

/* Called by whatever comes first: a constructor of another library may open files before ours ran. */
static void begin(void) {
  static atomic_int begun;
  if (atomic_exchange(&begun, 1)) return;
  const char* log = getenv("ANECHOIC_SHIM_LOG");
  const char* given = getenv("ANECHOIC_SHIM_ROOT");
  fail_file = getenv("ANECHOIC_SHIM_FAIL");
  skip_syncs = getenv("ANECHOIC_SHIM_SKIP") != NULL;
  if (given && strlen(given) < sizeof root) strcpy(root, given);
  root_length = strlen(root);
  if (log) log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}
__attribute__((constructor)) static void start(void) { begin(); }

/* One write a line: lines of several threads never mix, and a kill loses none that was written. */
static void note(unsigned long from, unsigned long to, const char* format, ...) {
  char line[3 * PATH_MAX];
  int length = snprintf(line, sizeof line, "%lu %lu ", from, to);
  va_list arguments;
  va_start(arguments, format);
  length += vsnprintf(line + length, sizeof line - (size_t)length - 1, format, arguments);
  va_end(arguments);
  line[length++] = '\n';
  if (log_fd >= 0) (void)!syscall(SYS_write, log_fd, line, length);
}

static void note_bytes(unsigned long from, unsigned long to, const char* kind, int fd, const void* bytes, size_t size) {
  static const char hex[] = "0123456789abcdef";
  const unsigned char* octets = bytes;
  char* line = malloc(size * 2 + 100);
  int length = sprintf(line, "%lu %lu %s %d ", from, to, kind, fd);
  for (size_t i = 0; i < size; ++i) {
    line[length++] = hex[octets[i] >> 4];
    line[length++] = hex[octets[i] & 15];
  }
  line[length++] = '\n';
  if (log_fd >= 0) (void)!syscall(SYS_write, log_fd, line, length);
  free(line);
}

/* The path as the test knows it, or NULL if it is not below the root. Paths of the gateway are absolute. */
static const char* below(const char* path) {
  if (root_length == 0 || strncmp(path, root, root_length) != 0) return NULL;
  if (path[root_length] == '\0') return ".";
  return path[root_length] == '/' ? path + root_length + 1 : NULL;
}

static int fails(const char* what) {
  char word[16] = "";
  if (!fail_file) return 0;
  int fd = (int)syscall(SYS_openat, AT_FDCWD, fail_file, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return 0;
  (void)!syscall(SYS_read, fd, word, sizeof word - 1);
  syscall(SYS_close, fd);
  return strncmp(word, what, strlen(what)) == 0;
}

static char kind_of(int fd) { return fd >= 0 && fd < MAX_FD ? tracked[fd] : 0; }

static int open_at(int folder, const char* path, int flags, mode_t mode) {
  begin();
  unsigned long from = tick();
  int fd = (int)syscall(SYS_openat, folder, path, flags, mode);
  int error = errno;
  const char* name = folder == AT_FDCWD ? below(path) : NULL;
  struct stat status;
  if (fd >= 0 && fd < MAX_FD && name && (flags & O_TMPFILE) != O_TMPFILE && fstat(fd, &status) == 0) {
    tracked[fd] = S_ISDIR(status.st_mode) ? 'd' : 'f';
    note(from, tick(), "open %d %c %s %s", fd, tracked[fd], flags & O_CREAT ? "create" : "old", name);
  }
  errno = error;
  return fd;
}

static mode_t mode_of(int flags, va_list arguments) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name)                              \
  int name(const char* path, int flags, ...) {  \
    va_list arguments;                          \
    va_start(arguments, flags);                 \
    mode_t mode = mode_of(flags, arguments);    \
    va_end(arguments);                          \
    return open_at(AT_FDCWD, path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                       \
  int name(int folder, const char* path, int flags, ...) { \
    va_list arguments;                                     \
    va_start(arguments, flags);                            \
    mode_t mode = mode_of(flags, arguments);               \
    va_end(arguments);                                     \
    return open_at(folder, path, flags, mode);             \
  }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
  if (kind_of(fd)) {
    note(tick(), tick(), "close %d", fd);
    tracked[fd] = 0;
  }
  return (int)syscall(SYS_close, fd);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  if (!kind_of(fd)) return syscall(SYS_write, fd, bytes, size);
  if (fails("write")) {
    errno = ENOSPC;
    return -1;
  }
  unsigned long from = tick();
  ssize_t wrote = syscall(SYS_write, fd, bytes, size);
  int error = errno;
  if (wrote > 0) note_bytes(from, tick(), "write", fd, bytes, (size_t)wrote);
  errno = error;
  return wrote;
}

/* Not expected of the Maildir's files; the checker stops when it meets one, rather than prove something about half. */
ssize_t writev(int fd, const struct iovec* parts, int count) {
  if (kind_of(fd)) note(tick(), tick(), "unexpected writev %d", fd);
  return syscall(SYS_writev, fd, parts, count);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off_t offset) {
  if (kind_of(fd)) note(tick(), tick(), "unexpected pwrite %d", fd);
  return syscall(SYS_pwrite64, fd, bytes, size, offset);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) { return pwrite64(fd, bytes, size, offset); }

static int sync_by(long number, int fd) {
  if (!kind_of(fd)) return (int)syscall(number, fd);
  if (skip_syncs) return 0;
  unsigned long from = tick();
  int done = 0;
  if (fails(kind_of(fd) == 'd' ? "folder" : "file")) {
    errno = EIO;
    done = -1;
  } else {
    done = (int)syscall(number, fd);
  }
  int error = errno;
  note(from, tick(), "sync %d %d", fd, done);
  errno = error;
  return done;
}
int fsync(int fd) { return sync_by(SYS_fsync, fd); }
int fdatasync(int fd) { return sync_by(SYS_fdatasync, fd); }

static int two_paths(const char* kind, long number, const char* from_path, const char* to_path, unsigned flags) {
  const char* from_name = below(from_path);
  const char* to_name = below(to_path);
  if (from_name && to_name && fails("rename")) {
    errno = EIO;
    return -1;
  }
  unsigned long from = tick();
  int done = (int)syscall(number, AT_FDCWD, from_path, AT_FDCWD, to_path, flags);
  int error = errno;
  if (done == 0 && (from_name || to_name)) {
    note(from, tick(), "%s %s %s", kind, from_name ? from_name : "?", to_name ? to_name : "?");
  }
  errno = error;
  return done;
}
int rename(const char* from, const char* to) { return two_paths("rename", SYS_renameat2, from, to, 0); }
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  if (from_folder != AT_FDCWD || to_folder != AT_FDCWD) note(tick(), tick(), "unexpected renameat2");
  return two_paths("rename", SYS_renameat2, from, to, flags);
}
int link(const char* from, const char* to) { return two_paths("link", SYS_linkat, from, to, 0); }

int unlink(const char* path) {
  unsigned long from = tick();
  int done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  int error = errno;
  if (done == 0 && below(path)) note(from, tick(), "unlink %s", below(path));
  errno = error;
  return done;
}

int mkdir(const char* path, mode_t mode) {
  unsigned long from = tick();
  int done = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
  int error = errno;
  if (done == 0 && below(path)) note(from, tick(), "mkdir %s", below(path));
  if (done != 0 && error == EEXIST && below(path)) note(from, tick(), "seen %s", below(path));
  errno = error;
  return done;
}

/* Sockets: noted before the call, since from then on the client may have it. */
static void note_sent(const char* kind, int fd, const void* bytes, size_t size) {
  unsigned long now = tick();
  note_bytes(now, now, kind, fd, bytes, size < SENT_OCTETS ? size : SENT_OCTETS);
}
ssize_t send(int fd, const void* bytes, size_t size, int flags) {
  note_sent("send", fd, bytes, size);
  return syscall(SYS_sendto, fd, bytes, size, flags, NULL, 0);
}
ssize_t sendmsg(int fd, const struct msghdr* message, int flags) {
  if (message->msg_iovlen > 0) note_sent("send", fd, message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
  return syscall(SYS_sendmsg, fd, message, flags);
}
