/* This file owns the handler of fatal signals and what it says. */
#include "base/crash.h"

#include <elf.h>
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#define STACK_BYTES (128u << 10)
#define GUARD_BYTES 4096u
#define MOST_FRAMES 64

struct fatal {
    int number;
    const char *name;
};

/* Swift's checks end in SIGILL or SIGTRAP. */
static const struct fatal fatals[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},   {SIGILL, "SIGILL"},
    {SIGFPE, "SIGFPE"},   {SIGABRT, "SIGABRT"}, {SIGTRAP, "SIGTRAP"},
};

void rd_crash_flush(struct rd_crash_text *text) {
    for (uint32_t at = 0; at < text->length;) {
        ssize_t written = write(text->fd, text->bytes + at, text->length - at);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        at += (uint32_t)written;
    }
    text->length = 0;
}

void rd_crash_put(struct rd_crash_text *text, const char *string) {
    for (; *string; string++) {
        if (text->length == sizeof text->bytes) rd_crash_flush(text);
        text->bytes[text->length++] = *string;
    }
}

void rd_crash_put_number(struct rd_crash_text *text, uint64_t number, unsigned base) {
    char digits[2 + 64 + 1], *at = digits + sizeof digits - 1;
    *at = 0;
    do *--at = "0123456789abcdef"[number % base];
    while (number /= base);
    if (base == 16) {
        *--at = 'x';
        *--at = '0';
    }
    rd_crash_put(text, at);
}

static uintptr_t interrupted_at(const ucontext_t *context) {
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (uintptr_t)context->uc_mcontext.pc;
#else
    return 0;
#endif
}

static void put_what(const struct rd_crash *crash, struct rd_crash_text *text, int number, const siginfo_t *info) {
    const char *name = "?";
    for (size_t i = 0; i < sizeof fatals / sizeof fatals[0]; i++) {
        if (fatals[i].number == number) name = fatals[i].name;
    }
    char thread[17] = "";
    prctl(PR_GET_NAME, thread);
    rd_crash_put(text, "\n=== CRASH REPORT: ");
    rd_crash_put(text, crash->version);
    rd_crash_put(text, " got signal ");
    rd_crash_put_number(text, (uint64_t)number, 10);
    rd_crash_put(text, " (");
    rd_crash_put(text, name);
    rd_crash_put(text, "), code ");
    if (info->si_code < 0) rd_crash_put(text, "-");
    rd_crash_put_number(text, (uint64_t)(info->si_code < 0 ? -(int64_t)info->si_code : info->si_code), 10);
    if (info->si_code > 0) {
        rd_crash_put(text, ", address ");
        rd_crash_put_number(text, (uintptr_t)info->si_addr, 16);
    } else {
        rd_crash_put(text, ", sent by process ");
        rd_crash_put_number(text, (uint64_t)info->si_pid, 10);
    }
    rd_crash_put(text, "\nprocess ");
    rd_crash_put_number(text, (uint64_t)getpid(), 10);
    rd_crash_put(text, ", thread ");
    rd_crash_put_number(text, (uint64_t)syscall(SYS_gettid), 10);
    rd_crash_put(text, " (");
    rd_crash_put(text, thread);
    rd_crash_put(text, "), program at ");
    rd_crash_put_number(text, crash->base, 16);
    rd_crash_put(text, "\n");
    rd_crash_flush(text);
}

static void put_backtrace(const struct rd_crash *crash, struct rd_crash_text *text, const ucontext_t *context) {
    void *frames[MOST_FRAMES];
    int count = backtrace(frames, MOST_FRAMES), first = 0;
    /* The handler's own frames say nothing. */
    uintptr_t at = interrupted_at(context);
    for (int i = 0; i < count && first == 0; i++) {
        if ((uintptr_t)frames[i] == at) first = i;
    }
    rd_crash_put(text, "backtrace:\n");
    if (first == 0) { /* the unwinder has not come so far */
        void *here = (void *)at;
        rd_crash_frames(crash, text, &here, 1);
    }
    rd_crash_frames(crash, text, frames + first, count - first);
    rd_crash_put(text, "for lines: addr2line -Cfpie <program>");
    for (int i = first; i < count; i++) {
        uintptr_t frame = (uintptr_t)frames[i];
        if (frame < crash->base || frame >= crash->end) continue;
        rd_crash_put(text, " ");
        rd_crash_put_number(text, frame - crash->base, 16);
    }
    rd_crash_put(text, "\n");
    rd_crash_flush(text);
}

static void end_by(int number) {
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigaction(number, &usual, NULL);
    syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), number); /* comes when the handler returns */
}

static void on_fatal(int number, siginfo_t *info, void *argument) {
    const ucontext_t *context = argument;
    int error = errno;
    /* A thread that has not entered has no stack of ours. */
    struct rd_crash *crash = context->uc_stack.ss_sp ? *(struct rd_crash **)context->uc_stack.ss_sp : NULL;
    if (crash && context->uc_stack.ss_size == STACK_BYTES) {
        /* Whoever reports ends the process. */
        while (atomic_exchange(&crash->begun, true)) pause();
        struct rd_crash_text text = {.fd = atomic_load(&crash->log)};
        put_what(crash, &text, number, info);
        put_backtrace(crash, &text, context);
        const struct rd_crash_tail *tail = atomic_load(&crash->tail);
        if (tail) tail->put(tail, &text);
        rd_crash_put(&text, "=== END OF CRASH REPORT\n");
        rd_crash_flush(&text);
    }
    end_by(number);
    errno = error;
}

/* Where the program was loaded, and how far it reaches. */
static void find_program(struct rd_crash *crash) {
    const ElfW(Phdr) *headers = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    size_t count = getauxval(AT_PHNUM);
    for (size_t i = 0; headers && i < count; i++) {
        if (headers[i].p_type == PT_PHDR) crash->base = (uintptr_t)headers - headers[i].p_vaddr;
    }
    for (size_t i = 0; headers && i < count; i++) {
        uintptr_t end = crash->base + headers[i].p_vaddr + headers[i].p_memsz;
        if (headers[i].p_type == PT_LOAD && end > crash->end) crash->end = end;
    }
}

void *rd_crash_enter(struct rd_crash *crash) {
    if (!crash) return NULL;
    char *bytes = mmap(NULL, GUARD_BYTES + STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED) return NULL;
    stack_t stack = {.ss_sp = bytes + GUARD_BYTES, .ss_size = STACK_BYTES};
    if (mprotect(bytes, GUARD_BYTES, PROT_NONE) != 0 || sigaltstack(&stack, NULL) != 0) {
        munmap(bytes, GUARD_BYTES + STACK_BYTES);
        return NULL;
    }
    *(struct rd_crash **)stack.ss_sp = crash;
    return bytes;
}

void rd_crash_leave(void *stack) {
    if (!stack) return;
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    munmap(stack, GUARD_BYTES + STACK_BYTES);
}

struct rd_crash *rd_crash_install(const char *version, int log) {
#ifdef SANITIZED
    (void)version;
    (void)log;
    return NULL;
#else
    struct rd_crash *crash = calloc(1, sizeof *crash);
    if (!crash) return NULL;
    strncpy(crash->version, version, sizeof crash->version - 1);
    atomic_init(&crash->log, log);
    find_program(crash);
    void *frames[4];
    (void)!backtrace(frames, 4); /* loads what it needs now, when loading is safe */
    (void)!rd_crash_enter(crash); /* the calling thread's, for the life of the process */
    struct sigaction action = {.sa_sigaction = on_fatal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    /* What breaks within the handler ends the process at once. */
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof fatals / sizeof fatals[0]; i++) sigaddset(&action.sa_mask, fatals[i].number);
    for (size_t i = 0; i < sizeof fatals / sizeof fatals[0]; i++) sigaction(fatals[i].number, &action, NULL);
    return crash;
#endif
}

void rd_crash_set_log(struct rd_crash *crash, int log) {
    if (crash) atomic_store(&crash->log, log);
}
