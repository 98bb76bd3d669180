// SPDX-License-Identifier: Apache-2.0
//
// Loaded before a program (LD_PRELOAD), fails one of its system calls on files below a directory.
// FAULT_ROOT is the directory; FAULT_CALL the kind: write, sync, open or read; FAULT_NTH which call
// of the kind fails; FAULT_ERROR its error number. FAULT_COUNT names a file that gets how many
// there were. A failed write may have written half, as the real one may.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

static int is_below_root(const char* path) {
  const char* root = getenv("FAULT_ROOT");
  return root && strncmp(path, root, strlen(root)) == 0;
}

static int is_file_below_root(int fd) {
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return is_below_root(path);
}

/// Counts a call; whether it is the one that fails.
static int fails(const char* kind) {
  const char* wanted = getenv("FAULT_CALL");
  if (!wanted || strcmp(wanted, kind) != 0) return 0;
  const char* nth = getenv("FAULT_NTH");
  const long call = atomic_fetch_add(&calls, 1) + 1;
  if (!nth || call != atol(nth)) return 0;
  const char* error = getenv("FAULT_ERROR");
  errno = error ? atoi(error) : EIO;
  return 1;
}

__attribute__((destructor)) static void tell_count(void) {
  const char* path = getenv("FAULT_COUNT");
  FILE* const out = path ? fopen(path, "w") : NULL;
  if (!out) return;
  fprintf(out, "%ld\n", atomic_load(&calls));
  fclose(out);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void* data, size_t count) {
  if (is_file_below_root(fd) && fails("write")) {
    const int error = errno;
    if (REAL(write)(fd, data, count / 2) < 0) return -1;
    errno = error;
    return -1;
  }
  return REAL(write)(fd, data, count);
}

ssize_t pwrite(int fd, const void* data, size_t count, off_t offset) {
  if (is_file_below_root(fd) && fails("write")) {
    const int error = errno;
    if (REAL(pwrite)(fd, data, count / 2, offset) < 0) return -1;
    errno = error;
    return -1;
  }
  return REAL(pwrite)(fd, data, count, offset);
}
ssize_t pwrite64(int fd, const void* data, size_t count, off64_t offset) {
  return pwrite(fd, data, count, offset);
}

ssize_t pread(int fd, void* out, size_t count, off_t offset) {
  if (is_file_below_root(fd) && fails("read")) return -1;
  return REAL(pread)(fd, out, count, offset);
}
ssize_t pread64(int fd, void* out, size_t count, off64_t offset) {
  return pread(fd, out, count, offset);
}
ssize_t read(int fd, void* out, size_t count) {
  if (is_file_below_root(fd) && fails("read")) return -1;
  return REAL(read)(fd, out, count);
}

int fsync(int fd) {
  if (is_file_below_root(fd) && fails("sync")) return -1;
  return REAL(fsync)(fd);
}
int fdatasync(int fd) {
  if (is_file_below_root(fd) && fails("sync")) return -1;
  return REAL(fdatasync)(fd);
}

static int open_real(int (*real)(const char*, int, ...), const char* path, int flags, mode_t mode) {
  if (is_below_root(path) && fails("open")) return -1;
  return real(path, flags, mode);
}
int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = va_arg(arguments, mode_t);
  va_end(arguments);
  return open_real(REAL(open), path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = va_arg(arguments, mode_t);
  va_end(arguments);
  return open_real(REAL(open64), path, flags, mode);
}
