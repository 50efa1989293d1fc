// Counts the calls with which a program changes files, and lets one of them go wrong; to be preloaded. Unlike strace's injection, which
// counts for each thread, it counts for the whole process, so every number is reached whichever thread makes the call.
//
//   FAULT_ROOT     the folder whose files count; calls elsewhere, on sockets and on standard output do not
//   FAULT_PROGRAM  the name of the program that is the victim; others are left alone
//   FAULT_AT       the number of the call that goes wrong, from 1; 0 for none
//   FAULT_KIND     kill (before the call), torn (killed after half of a write), EIO, ENOSPC, or short (half of a write succeeds)
//   FAULT_COUNT    the number of calls in a row that go wrong (1)
//   FAULT_LOG      a file that gets a line for each call: process, number, call, path; `!` marks a call that went wrong
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { NONE, KILL, TORN, ERROR, SHORT };

static const char *root, *journal;
static size_t root_length;
static long first, last;
static enum kind kind;
static int code;
static atomic_long calls;

__attribute__((constructor)) static void begin(void) {
  const char *program = getenv("FAULT_PROGRAM"), *what = getenv("FAULT_KIND"), *at = getenv("FAULT_AT");
  const char *count = getenv("FAULT_COUNT");
  if (!program || strcmp(program, program_invocation_short_name) != 0) return;
  root = getenv("FAULT_ROOT");
  root_length = root ? strlen(root) : 0;
  journal = getenv("FAULT_LOG");
  first = at ? atol(at) : 0;
  last = first + (count ? atol(count) : 1) - 1;
  if (!what) return;
  kind = !strcmp(what, "kill") ? KILL : !strcmp(what, "torn") ? TORN : !strcmp(what, "short") ? SHORT : ERROR;
  code = !strcmp(what, "ENOSPC") ? ENOSPC : EIO;
}

static void note(long number, const char *call, const char *path, int is_fault) {
  char line[PATH_MAX + 100];
  int file = (int)syscall(SYS_openat, AT_FDCWD, journal, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return;
  int length = snprintf(line, sizeof line, "%d %ld %s%s %s\n", getpid(), number, is_fault ? "!" : "", call, path);
  syscall(SYS_write, file, line, (size_t)length);
  syscall(SYS_close, file);
}

// Counts a call. Ends the process here if it is the call to be killed before.
static enum kind fault(const char *call, const char *path, int writes) {
  if (!root || strncmp(path, root, root_length) != 0) return NONE;
  int saved = errno;
  long number = atomic_fetch_add(&calls, 1) + 1;
  enum kind found = first > 0 && number >= first && number <= last ? kind : NONE;
  // A call that writes no bytes cannot be done by half.
  if (found == TORN && !writes) found = KILL;
  if (found == SHORT && !writes) found = NONE;
  if (journal) note(number, call, path, found != NONE);
  if (found == KILL) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
  }
  errno = saved;
  return found;
}

static const char *path_of(int descriptor, char *path) {
  char name[64];
  struct stat status;
  path[0] = 0;
  if (!root || descriptor <= 2 || fstat(descriptor, &status) != 0) return path;
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return path;
  snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(name, path, PATH_MAX - 1);
  path[length > 0 ? length : 0] = 0;
  return path;
}

static const char *absolute(const char *given, char *path) {
  if (!root || !given) return "";
  if (given[0] == '/') return given;
  if (!getcwd(path, PATH_MAX)) return "";
  size_t length = strlen(path);
  snprintf(path + length, PATH_MAX - length, "/%s", given);
  return path;
}

#define NEXT(name) \
  static __typeof__(name) *next; \
  if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define FAIL_IF(found) \
  if ((found) == ERROR) { errno = code; return -1; }

static void end_torn(void) {
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

#define WRITE(name, arguments, ...) \
  char path[PATH_MAX]; \
  NEXT(name); \
  enum kind found = fault(#name, path_of(descriptor, path), 1); \
  FAIL_IF(found); \
  if (found == TORN || found == SHORT) size = (size + 1) / 2; \
  ssize_t done = next arguments; \
  if (found == TORN) end_torn(); \
  return done

ssize_t write(int descriptor, const void *bytes, size_t size) { WRITE(write, (descriptor, bytes, size)); }
ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t at) { WRITE(pwrite, (descriptor, bytes, size, at)); }
ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t at) { WRITE(pwrite64, (descriptor, bytes, size, at)); }

#define ON_FILE(name, arguments) \
  char path[PATH_MAX]; \
  NEXT(name); \
  FAIL_IF(fault(#name, path_of(descriptor, path), 0)); \
  return next arguments

ssize_t writev(int descriptor, const struct iovec *parts, int count) { ON_FILE(writev, (descriptor, parts, count)); }
int fsync(int descriptor) { ON_FILE(fsync, (descriptor)); }
int fdatasync(int descriptor) { ON_FILE(fdatasync, (descriptor)); }
int ftruncate(int descriptor, off_t size) { ON_FILE(ftruncate, (descriptor, size)); }
int ftruncate64(int descriptor, off64_t size) { ON_FILE(ftruncate64, (descriptor, size)); }

#define AT_PATH(name, file, arguments) \
  char path[PATH_MAX]; \
  NEXT(name); \
  FAIL_IF(fault(#name, absolute(file, path), 0)); \
  return next arguments

int rename(const char *old, const char *new) { AT_PATH(rename, new, (old, new)); }
int renameat(int from, const char *old, int to, const char *new) { AT_PATH(renameat, new, (from, old, to, new)); }
int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
  AT_PATH(renameat2, new, (from, old, to, new, flags));
}
int link(const char *old, const char *new) { AT_PATH(link, new, (old, new)); }
int symlink(const char *old, const char *new) { AT_PATH(symlink, new, (old, new)); }
int unlink(const char *name) { AT_PATH(unlink, name, (name)); }
int unlinkat(int folder, const char *name, int flags) { AT_PATH(unlinkat, name, (folder, name, flags)); }
int remove(const char *name) { AT_PATH(remove, name, (name)); }
int rmdir(const char *name) { AT_PATH(rmdir, name, (name)); }
int mkdir(const char *name, mode_t mode) { AT_PATH(mkdir, name, (name, mode)); }
int mkdirat(int folder, const char *name, mode_t mode) { AT_PATH(mkdirat, name, (folder, name, mode)); }
int mkstemp(char *name) { AT_PATH(mkstemp, name, (name)); }

#define OPEN(name, call) \
  char path[PATH_MAX]; \
  mode_t mode = 0; \
  if (flags & (O_CREAT | __O_TMPFILE)) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = va_arg(rest, mode_t); \
    va_end(rest); \
  } \
  NEXT(name); \
  if (flags & O_CREAT) FAIL_IF(fault(#name, absolute(file, path), 0)); \
  return next call

int open(const char *file, int flags, ...) { OPEN(open, (file, flags, mode)); }
int open64(const char *file, int flags, ...) { OPEN(open64, (file, flags, mode)); }
int openat(int folder, const char *file, int flags, ...) { OPEN(openat, (folder, file, flags, mode)); }
int openat64(int folder, const char *file, int flags, ...) { OPEN(openat64, (folder, file, flags, mode)); }
