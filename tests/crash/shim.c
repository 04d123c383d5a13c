/* Records, in order, every change that a process makes to files under $SHIM_PREFIX, and every sync, into $SHIM_LOG.
 * replay.ts builds from it what a disk may hold after the power went. LD_PRELOAD=shim.so
 * Record: u8 kind, u32 pathLength, u64 a, u64 b, u32 dataLength, path, data (little endian).
 *   W write (a = offset)   T truncate (a = size)   C created   B sync begins (a = ticket)   E sync ended (a = ticket)
 *   R rename (data = new path)   U unlink   M mkdir */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static const char *prefix;
static size_t prefix_length;
static uint64_t tickets;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("SHIM_LOG");
  prefix = getenv("SHIM_PREFIX");
  if (!path || !prefix) return;
  prefix_length = strlen(prefix);
  log_fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int ours(const char *path) { return log_fd >= 0 && strncmp(path, prefix, prefix_length) == 0; }

static int path_of(int fd, char *path) {
  char link[64];
  if (log_fd < 0 || fd == log_fd) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, PATH_MAX - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return ours(path);
}

static void put(const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t n = syscall(SYS_write, log_fd, at, length);
    if (n <= 0) abort();
    at += n;
    length -= n;
  }
}

static void record(char kind, const char *path, uint64_t a, uint64_t b, const void *data, uint32_t length) {
  unsigned char head[25];
  uint32_t path_length = strlen(path);
  head[0] = kind;
  memcpy(head + 1, &path_length, 4);
  memcpy(head + 5, &a, 8);
  memcpy(head + 13, &b, 8);
  memcpy(head + 21, &length, 4);
  put(head, sizeof head);
  put(path, path_length);
  if (length) put(data, length);
}

#define REAL(name) static typeof(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name)

static void record_vector(const char *path, const struct iovec *parts, int count, off_t offset, ssize_t written) {
  for (int i = 0; i < count && written > 0; i++) {
    size_t n = parts[i].iov_len < (size_t)written ? parts[i].iov_len : (size_t)written;
    record('W', path, offset, 0, parts[i].iov_base, n);
    offset += n;
    written -= n;
  }
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
  REAL(pwrite64);
  char path[PATH_MAX];
  if (!path_of(fd, path)) return real(fd, data, length, offset);
  pthread_mutex_lock(&lock);
  ssize_t n = real(fd, data, length, offset);
  int saved = errno;
  if (n > 0) record('W', path, offset, 0, data, n);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return n;
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite64(fd, data, length, offset); }

ssize_t write(int fd, const void *data, size_t length) {
  REAL(write);
  char path[PATH_MAX];
  if (!path_of(fd, path)) return real(fd, data, length);
  pthread_mutex_lock(&lock);
  ssize_t n = real(fd, data, length);
  int saved = errno;
  off_t end = lseek(fd, 0, SEEK_CUR);
  if (n > 0) record('W', path, end - n, 0, data, n);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return n;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(writev);
  char path[PATH_MAX];
  if (!path_of(fd, path)) return real(fd, parts, count);
  pthread_mutex_lock(&lock);
  ssize_t n = real(fd, parts, count);
  int saved = errno;
  if (n > 0) record_vector(path, parts, count, lseek(fd, 0, SEEK_CUR) - n, n);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return n;
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  REAL(pwritev64);
  char path[PATH_MAX];
  if (!path_of(fd, path)) return real(fd, parts, count, offset);
  pthread_mutex_lock(&lock);
  ssize_t n = real(fd, parts, count, offset);
  int saved = errno;
  if (n > 0) record_vector(path, parts, count, offset, n);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return n;
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return pwritev64(fd, parts, count, offset); }

int ftruncate64(int fd, off64_t size) {
  REAL(ftruncate64);
  char path[PATH_MAX];
  if (!path_of(fd, path)) return real(fd, size);
  pthread_mutex_lock(&lock);
  int n = real(fd, size);
  int saved = errno;
  if (n == 0) record('T', path, size, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return n;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int sync_with(int (*real)(int), int fd) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return real(fd);
  pthread_mutex_lock(&lock);
  uint64_t ticket = ++tickets;
  record('B', path, ticket, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  int n = real(fd);
  int saved = errno;
  pthread_mutex_lock(&lock);
  if (n == 0) record('E', path, ticket, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return n;
}
int fsync(int fd) { REAL(fsync); return sync_with(real, fd); }
int fdatasync(int fd) { REAL(fdatasync); return sync_with(real, fd); }

static int opened(int fd, int existed) {
  int saved = errno;
  char path[PATH_MAX];
  if (fd >= 0 && !existed && path_of(fd, path)) {
    pthread_mutex_lock(&lock);
    record('C', path, 0, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
  }
  errno = saved;
  return fd;
}

int open64(const char *path, int flags, ...) {
  REAL(open64);
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (log_fd < 0 || !(flags & (O_CREAT | O_TRUNC))) return real(path, flags, mode);
  int existed = access(path, F_OK) == 0;
  int fd = opened(real(path, flags, mode), existed);
  char name[PATH_MAX];
  if (fd >= 0 && existed && (flags & O_TRUNC) && path_of(fd, name)) {
    pthread_mutex_lock(&lock);
    record('T', name, 0, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
  }
  return fd;
}
int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open64(path, flags, mode);
}

static void absolute(const char *path, char *out) {
  if (path[0] == '/') { snprintf(out, PATH_MAX, "%s", path); return; }
  char cwd[PATH_MAX / 2];
  if (!getcwd(cwd, sizeof cwd)) cwd[0] = 0;
  snprintf(out, PATH_MAX, "%s/%.*s", cwd, PATH_MAX / 2 - 2, path);
}

int rename(const char *from, const char *to) {
  REAL(rename);
  char a[PATH_MAX], b[PATH_MAX];
  absolute(from, a);
  absolute(to, b);
  if (!ours(a) && !ours(b)) return real(from, to);
  pthread_mutex_lock(&lock);
  int n = real(from, to);
  int saved = errno;
  if (n == 0) record('R', a, 0, 0, b, strlen(b));
  pthread_mutex_unlock(&lock);
  errno = saved;
  return n;
}

int unlink(const char *path) {
  REAL(unlink);
  char a[PATH_MAX];
  absolute(path, a);
  if (!ours(a)) return real(path);
  pthread_mutex_lock(&lock);
  int n = real(path);
  int saved = errno;
  if (n == 0) record('U', a, 0, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return n;
}

int unlinkat(int folder, const char *path, int flags) {
  REAL(unlinkat);
  char a[PATH_MAX], place[PATH_MAX], link[64];
  if (flags & AT_REMOVEDIR || log_fd < 0) return real(folder, path, flags);
  if (folder == AT_FDCWD || path[0] == '/') absolute(path, a);
  else {
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t length = readlink(link, place, PATH_MAX / 2);
    if (length < 0) return real(folder, path, flags);
    place[length] = 0;
    snprintf(a, sizeof a, "%.*s/%.*s", PATH_MAX / 2 - 2, place, PATH_MAX / 2 - 2, path);
  }
  if (!ours(a)) return real(folder, path, flags);
  pthread_mutex_lock(&lock);
  int n = real(folder, path, flags);
  int saved = errno;
  if (n == 0) record('U', a, 0, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return n;
}

/* of a file; C++'s filesystem calls this one */
int remove(const char *path) {
  REAL(remove);
  struct stat about;
  if (log_fd < 0 || lstat(path, &about) != 0 || S_ISDIR(about.st_mode)) return real(path);
  return unlink(path);
}

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  char a[PATH_MAX];
  absolute(path, a);
  if (!ours(a)) return real(path, mode);
  pthread_mutex_lock(&lock);
  int n = real(path, mode);
  int saved = errno;
  if (n == 0) record('M', a, 0, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return n;
}
