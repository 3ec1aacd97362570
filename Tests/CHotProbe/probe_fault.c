/* This file owns what stands between the C targets and the system's allocation functions in the test's binary. */
#include "probe_fault.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#define PAGE 4096

struct probe_fault {
    _Atomic uint64_t nth, seen, site; /* nth: 0 = nothing fails */
    _Atomic bool and_all_after, struck;
    _Atomic int64_t blocks, mapped, descriptors;
    _Atomic int64_t clock_s; /* so far its wall clock is ahead */
    _Atomic int64_t stopped_ms; /* where its wall clock stands still; 0: it goes */
    _Atomic int64_t monotonic_ns; /* where its monotonic clock stood; 0 = it runs */
    _Atomic int64_t monotonic_ms; /* how far it was set ahead since */
    _Atomic int64_t jumped_ms; /* how far it is ahead while it runs */
};

/* The group of this thread. */
static _Thread_local struct probe_fault *group;

extern const char __executable_start[];

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__real_aligned_alloc(size_t, size_t);
char *__real_strdup(const char *);
char *__real_strndup(const char *, size_t);
void __real_free(void *);
void *__real_mmap(void *, size_t, int, int, int, off_t);
int __real_munmap(void *, size_t);
int __real_mprotect(void *, size_t, int);
int __real_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int __real_socket(int, int, int);
int __real_accept4(int, struct sockaddr *, socklen_t *, int);
int __real_eventfd(unsigned, int);
int __real_open(const char *, int, ...);
int __real_close(int);
int __real_clock_gettime(clockid_t, struct timespec *);

struct probe_fault *probe_fault_new(void) {
    struct probe_fault *fault = __real_calloc(1, sizeof *fault);
    if (!fault) abort();
    return fault;
}

void probe_fault_free(struct probe_fault *fault) {
    __real_free(fault);
}

void probe_fault_enter(struct probe_fault *fault) {
    group = fault;
}

void probe_fault_leave(void) {
    group = NULL;
}

void probe_fault_arm(struct probe_fault *fault, uint64_t nth, bool and_all_after) {
    atomic_store(&fault->seen, 0);
    atomic_store(&fault->struck, false);
    atomic_store(&fault->and_all_after, and_all_after);
    atomic_store(&fault->nth, nth);
}

bool probe_fault_disarm(struct probe_fault *fault) {
    atomic_store(&fault->nth, 0);
    return atomic_load(&fault->struck);
}

uint64_t probe_fault_site(const struct probe_fault *fault) {
    return atomic_load(&fault->site);
}

struct probe_fault_held probe_fault_held(const struct probe_fault *fault) {
    return (struct probe_fault_held){atomic_load(&fault->blocks), atomic_load(&fault->mapped),
                                     atomic_load(&fault->descriptors)};
}

void probe_fault_set_clock(struct probe_fault *fault, int64_t ahead_s) {
    atomic_store(&fault->clock_s, ahead_s);
}

void probe_fault_stop_clock(struct probe_fault *fault, int64_t unix_ms) {
    atomic_store(&fault->stopped_ms, unix_ms);
}

void probe_fault_set_monotonic(struct probe_fault *fault, int64_t ahead_ms) {
    struct timespec now;
    int64_t never = 0;
    if (__real_clock_gettime(CLOCK_MONOTONIC, &now) != 0) abort();
    atomic_store(&fault->monotonic_ms, ahead_ms);
    atomic_compare_exchange_strong(&fault->monotonic_ns, &never, (int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
}

void probe_fault_jump_monotonic(struct probe_fault *fault, int64_t ms) {
    atomic_fetch_add(&fault->jumped_ms, ms);
}

static bool fails(const void *site) {
    uint64_t nth = group ? atomic_load(&group->nth) : 0;
    if (nth == 0) return false;
    uint64_t seen = atomic_fetch_add(&group->seen, 1) + 1;
    if (seen != nth && !(seen > nth && atomic_load(&group->and_all_after))) return false;
    if (!atomic_exchange(&group->struck, true)) atomic_store(&group->site, (uintptr_t)site - (uintptr_t)__executable_start);
    errno = ENOMEM;
    return true;
}

#define FAILS() fails(__builtin_return_address(0))

static void *counted(void *block) {
    if (block && group) atomic_fetch_add(&group->blocks, 1);
    return block;
}

void *__wrap_malloc(size_t size) {
    return FAILS() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size) {
    return FAILS() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size) {
    if (FAILS()) return NULL;
    return block ? __real_realloc(block, size) : counted(__real_realloc(NULL, size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    return FAILS() ? NULL : counted(__real_aligned_alloc(alignment, size));
}

char *__wrap_strdup(const char *text) {
    return FAILS() ? NULL : counted(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t length) {
    return FAILS() ? NULL : counted(__real_strndup(text, length));
}

void __wrap_free(void *block) {
    if (block && group) atomic_fetch_sub(&group->blocks, 1);
    __real_free(block);
}

static int64_t in_pages(size_t length) {
    return (int64_t)((length + PAGE - 1) / PAGE * PAGE);
}

void *__wrap_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
    if (FAILS()) return MAP_FAILED;
    void *mapped = __real_mmap(at, length, protection, flags, fd, offset);
    if (mapped != MAP_FAILED && group) atomic_fetch_add(&group->mapped, in_pages(length));
    return mapped;
}

int __wrap_munmap(void *at, size_t length) {
    int result = __real_munmap(at, length);
    if (result == 0 && group) atomic_fetch_sub(&group->mapped, in_pages(length));
    return result;
}

/* Giving addresses memory; taking it away does not fail for want of some. */
int __wrap_mprotect(void *at, size_t length, int protection) {
    if (protection != PROT_NONE && FAILS()) return -1;
    return __real_mprotect(at, length, protection);
}

struct start {
    struct probe_fault *group;
    void *(*run)(void *);
    void *argument;
};

static void *run_in_group(void *argument) {
    struct start start = *(struct start *)argument;
    __real_free(argument);
    group = start.group;
    return start.run(start.argument);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
    if (!group) return __real_pthread_create(thread, attributes, run, argument);
    if (FAILS()) return EAGAIN;
    struct start *start = __real_malloc(sizeof *start);
    if (!start) abort();
    *start = (struct start){group, run, argument};
    int result = __real_pthread_create(thread, attributes, run_in_group, start);
    if (result != 0) __real_free(start);
    return result;
}

static int opened(int fd) {
    if (fd >= 0 && group) atomic_fetch_add(&group->descriptors, 1);
    return fd;
}

int __wrap_socket(int domain, int type, int protocol) {
    return FAILS() ? -1 : opened(__real_socket(domain, type, protocol));
}

int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
    return FAILS() ? -1 : opened(__real_accept4(fd, address, length, flags));
}

int __wrap_eventfd(unsigned count, int flags) {
    return FAILS() ? -1 : opened(__real_eventfd(count, flags));
}

int __wrap_open(const char *path, int flags, mode_t mode) {
    return opened(__real_open(path, flags, mode));
}

int __wrap_close(int fd) {
    int result = __real_close(fd);
    if (result == 0 && group) atomic_fetch_sub(&group->descriptors, 1);
    return result;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *time) {
    int result = __real_clock_gettime(clock, time);
    if (result == 0 && group && clock == CLOCK_REALTIME) {
        int64_t stopped_ms = atomic_load(&group->stopped_ms);
        if (stopped_ms) *time = (struct timespec){stopped_ms / 1000, stopped_ms % 1000 * 1000000};
        time->tv_sec += atomic_load(&group->clock_s);
    }
    if (result == 0 && group && clock == CLOCK_MONOTONIC) {
        int64_t stood = atomic_load(&group->monotonic_ns), ns = stood + atomic_load(&group->monotonic_ms) * 1000000;
        if (!stood) ns = (int64_t)time->tv_sec * 1000000000 + time->tv_nsec + atomic_load(&group->jumped_ms) * 1000000;
        *time = (struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    }
    return result;
}

static void *openssl_malloc(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return __wrap_malloc(size);
}

static void *openssl_realloc(void *block, size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return __wrap_realloc(block, size);
}

static void openssl_free(void *block, const char *file, int line) {
    (void)file;
    (void)line;
    __wrap_free(block);
}

/* Both libraries want to be told before their first allocation. */
__attribute__((constructor)) static void interpose_libraries(void) {
    event_set_mem_functions(__wrap_malloc, __wrap_realloc, __wrap_free);
    if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1) abort();
}
