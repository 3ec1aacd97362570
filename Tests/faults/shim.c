/*
 * This file owns what stands between a process and its system calls: one call of one kind, the n-th from when it was
 * armed, fails with an error or comes short. It is preloaded; whoever arms it shares a page with it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* In the order of KINDS in shim.py. */
enum kind {
    NONE, READ, RECV, WRITE, WRITEV, SEND, SENDMSG, ACCEPT4, EPOLL_WAIT, EPOLL_CTL, MMAP, MPROTECT, MADVISE, OPEN, FSYNC,
    RENAME, SETSOCKOPT, SOCKET, BIND, LISTEN, EVENTFD, PTHREAD_CREATE, EPOLL_CREATE1, GETRANDOM, CLOSE, FCNTL, UNLINK, EVENT_READ, EVENT_WRITE
};

#define SHORT (-1) /* an action: not an errno, but less than was asked for */

/* The page that is shared with whoever arms it. */
struct control {
    _Atomic int64_t kind; /* NONE while nothing is to fail */
    int64_t action;
    int64_t nth;          /* which call, from 1 */
    int64_t all_after;    /* those after it, too */
    _Atomic int64_t seen;
    _Atomic int64_t struck;
};

static struct control nobody;
static struct control *control = &nobody;

static void *next(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) abort();
    return function;
}

/* The function of that name behind this one, looked up once. */
#define NEXT(name)                                       \
    static _Atomic(__typeof__(&name)) found;             \
    __typeof__(&name) real = atomic_load(&found);        \
    if (!real) atomic_store(&found, real = (__typeof__(&name))next(#name))

__attribute__((constructor)) static void open_control(void) {
    const char *path = getenv("SHIM_CONTROL");
    if (!path) return;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *page = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (page != MAP_FAILED) control = page;
}

/* 0 where the call is to be made as it is; SHORT; or the errno that it fails with, which is set. */
static int64_t verdict(enum kind kind) {
    if (atomic_load_explicit(&control->kind, memory_order_acquire) != kind) return 0;
    int64_t seen = atomic_fetch_add(&control->seen, 1) + 1;
    if (seen != control->nth && !(control->all_after && seen > control->nth)) return 0;
    atomic_fetch_add(&control->struck, 1);
    if (control->action != SHORT) errno = (int)control->action;
    return control->action;
}

static bool is_event(int fd) {
    int type;
    socklen_t length = sizeof type;
    struct { char bytes[32]; } name = {{0}};
    char path[32] = "/proc/self/fd/";
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0) return false;
    char digits[12];
    int at = sizeof digits - 1, number = fd;
    digits[at] = 0;
    do digits[--at] = (char)('0' + number % 10); while (number /= 10);
    strcat(path, digits + at);
    if (readlink(path, name.bytes, sizeof name.bytes - 1) < 0) return false;
    return strstr(name.bytes, "eventfd") != NULL;
}

ssize_t read(int fd, void *bytes, size_t length) {
    NEXT(read);
    int64_t armed = atomic_load_explicit(&control->kind, memory_order_relaxed);
    if (armed != READ && armed != EVENT_READ) return real(fd, bytes, length);
    int64_t action = verdict(is_event(fd) ? EVENT_READ : READ);
    if (action > 0) return -1;
    return real(fd, bytes, action == SHORT && length ? 1 : length);
}

ssize_t recv(int fd, void *bytes, size_t length, int flags) {
    NEXT(recv);
    int64_t action = verdict(RECV);
    if (action > 0) return -1;
    return real(fd, bytes, action == SHORT && length ? 1 : length, flags);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    NEXT(write);
    int64_t armed = atomic_load_explicit(&control->kind, memory_order_relaxed);
    if (armed != WRITE && armed != EVENT_WRITE) return real(fd, bytes, length);
    int64_t action = verdict(is_event(fd) ? EVENT_WRITE : WRITE);
    if (action > 0) return -1;
    return real(fd, bytes, action == SHORT && length > 1 ? length / 2 : length);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    NEXT(writev);
    int64_t action = verdict(WRITEV);
    if (action > 0) return -1;
    return real(fd, parts, action == SHORT && count ? 1 : count);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
    NEXT(send);
    int64_t action = verdict(SEND);
    if (action > 0) return -1;
    return real(fd, bytes, action == SHORT && length > 1 ? length / 2 : length, flags);
}

/* Short in the middle of its first part. */
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    NEXT(sendmsg);
    int64_t action = verdict(SENDMSG);
    if (action > 0) return -1;
    if (action != SHORT || !message->msg_iovlen) return real(fd, message, flags);
    struct iovec part = message->msg_iov[0];
    if (part.iov_len > 1) part.iov_len /= 2;
    struct msghdr less = *message;
    less.msg_iov = &part;
    less.msg_iovlen = 1;
    return real(fd, &less, flags);
}

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
    NEXT(accept4);
    return verdict(ACCEPT4) > 0 ? -1 : real(fd, address, length, flags);
}

/* Short: nothing is ready, and no time was spent. */
int epoll_wait(int fd, struct epoll_event *events, int most, int timeout) {
    NEXT(epoll_wait);
    int64_t action = verdict(EPOLL_WAIT);
    if (action > 0) return -1;
    return action == SHORT ? 0 : real(fd, events, most, timeout);
}

int epoll_ctl(int fd, int operation, int target, struct epoll_event *event) {
    NEXT(epoll_ctl);
    return verdict(EPOLL_CTL) > 0 ? -1 : real(fd, operation, target, event);
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    NEXT(mmap);
    return verdict(MMAP) > 0 ? MAP_FAILED : real(address, length, protection, flags, fd, offset);
}

int mprotect(void *address, size_t length, int protection) {
    NEXT(mprotect);
    return verdict(MPROTECT) > 0 ? -1 : real(address, length, protection);
}

int madvise(void *address, size_t length, int advice) {
    NEXT(madvise);
    return verdict(MADVISE) > 0 ? -1 : real(address, length, advice);
}

int open(const char *path, int flags, ...) {
    NEXT(open);
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return verdict(OPEN) > 0 ? -1 : real(path, flags, mode);
}

int fsync(int fd) {
    NEXT(fsync);
    return verdict(FSYNC) > 0 ? -1 : real(fd);
}

int rename(const char *from, const char *to) {
    NEXT(rename);
    return verdict(RENAME) > 0 ? -1 : real(from, to);
}

int unlink(const char *path) {
    NEXT(unlink);
    return verdict(UNLINK) > 0 ? -1 : real(path);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length) {
    NEXT(setsockopt);
    return verdict(SETSOCKOPT) > 0 ? -1 : real(fd, level, name, value, length);
}

int socket(int domain, int type, int protocol) {
    NEXT(socket);
    return verdict(SOCKET) > 0 ? -1 : real(domain, type, protocol);
}

int bind(int fd, const struct sockaddr *address, socklen_t length) {
    NEXT(bind);
    return verdict(BIND) > 0 ? -1 : real(fd, address, length);
}

int listen(int fd, int backlog) {
    NEXT(listen);
    return verdict(LISTEN) > 0 ? -1 : real(fd, backlog);
}

int eventfd(unsigned count, int flags) {
    NEXT(eventfd);
    return verdict(EVENTFD) > 0 ? -1 : real(count, flags);
}

int epoll_create1(int flags) {
    NEXT(epoll_create1);
    return verdict(EPOLL_CREATE1) > 0 ? -1 : real(flags);
}

ssize_t getrandom(void *bytes, size_t length, unsigned flags) {
    NEXT(getrandom);
    int64_t action = verdict(GETRANDOM);
    if (action > 0) return -1;
    return real(bytes, action == SHORT && length > 1 ? length / 2 : length, flags);
}

/* The descriptor is closed all the same, as Linux does it. */
int close(int fd) {
    NEXT(close);
    int64_t action = verdict(CLOSE);
    int result = real(fd);
    if (action <= 0) return result;
    errno = (int)action;
    return -1;
}

int fcntl(int fd, int command, ...) {
    NEXT(fcntl);
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return verdict(FCNTL) > 0 ? -1 : real(fd, command, argument);
}

/* Returns its error. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
    NEXT(pthread_create);
    int64_t action = verdict(PTHREAD_CREATE);
    return action > 0 ? (int)action : real(thread, attributes, run, argument);
}
