/* This file owns switching between a thread's stack and that of its fiber. */
#include "base/fiber.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RD_ADDRESS_SANITIZER 1
#include <sanitizer/common_interface_defs.h>
#endif
#if __has_feature(thread_sanitizer)
#define RD_THREAD_SANITIZER 1
#include <sanitizer/tsan_interface.h>
#endif
#endif

/*
 * Keeps what a function must keep for its caller on the stack that is left, notes where that ended, and takes the same
 * from the other one. Source: System V ABI for AMD64 (3.2.1), Procedure Call Standard for AArch64 (6.1).
 */
void rd_fiber_switch(void **left, void *taken);
/* Where a fiber begins. */
void rd_fiber_enter(void);

#if defined(__x86_64__)
__asm__(".text\n"
        ".p2align 4\n"
        ".globl rd_fiber_switch\n"
        ".hidden rd_fiber_switch\n"
        ".type rd_fiber_switch, @function\n"
        "rd_fiber_switch:\n"
        "    pushq %rbp\n"
        "    pushq %rbx\n"
        "    pushq %r12\n"
        "    pushq %r13\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    subq $8, %rsp\n"
        "    stmxcsr (%rsp)\n"
        "    fnstcw 4(%rsp)\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    ldmxcsr (%rsp)\n"
        "    fldcw 4(%rsp)\n"
        "    addq $8, %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    ret\n"
        ".size rd_fiber_switch, .-rd_fiber_switch\n"
        ".p2align 4\n"
        ".globl rd_fiber_enter\n"
        ".hidden rd_fiber_enter\n"
        ".type rd_fiber_enter, @function\n"
        "rd_fiber_enter:\n"
        "    .cfi_startproc\n"
        "    .cfi_undefined rip\n" /* a backtrace ends here */
        "    movq %r12, %rdi\n"
        "    callq *%r13\n"
        "    ud2\n"
        "    .cfi_endproc\n"
        ".size rd_fiber_enter, .-rd_fiber_enter\n");

/* As rd_fiber_switch leaves it: control words, r15 ... r12, rbx, rbp, and where it returns to. */
static void *first_frame(char *top, void (*begin)(struct rd_fiber *), struct rd_fiber *fiber) {
    uint32_t mxcsr;
    uint16_t control;
    __asm__("stmxcsr %0" : "=m"(mxcsr));
    __asm__("fnstcw %0" : "=m"(control));
    uint64_t *frame = (uint64_t *)top - 10;
    frame[0] = (uint64_t)control << 32 | mxcsr;
    frame[1] = frame[2] = 0;
    frame[3] = (uint64_t)(uintptr_t)begin;
    frame[4] = (uint64_t)(uintptr_t)fiber;
    frame[5] = frame[6] = 0;
    frame[7] = (uint64_t)(uintptr_t)rd_fiber_enter;
    frame[8] = frame[9] = 0; /* so that the stack is aligned where rd_fiber_enter calls */
    return frame;
}
#elif defined(__aarch64__)
__asm__(".text\n"
        ".p2align 4\n"
        ".globl rd_fiber_switch\n"
        ".hidden rd_fiber_switch\n"
        ".type rd_fiber_switch, %function\n"
        "rd_fiber_switch:\n"
        "    sub sp, sp, #160\n"
        "    stp x19, x20, [sp, #0]\n"
        "    stp x21, x22, [sp, #16]\n"
        "    stp x23, x24, [sp, #32]\n"
        "    stp x25, x26, [sp, #48]\n"
        "    stp x27, x28, [sp, #64]\n"
        "    stp x29, x30, [sp, #80]\n"
        "    stp d8, d9, [sp, #96]\n"
        "    stp d10, d11, [sp, #112]\n"
        "    stp d12, d13, [sp, #128]\n"
        "    stp d14, d15, [sp, #144]\n"
        "    mov x9, sp\n"
        "    str x9, [x0]\n"
        "    mov sp, x1\n"
        "    ldp x19, x20, [sp, #0]\n"
        "    ldp x21, x22, [sp, #16]\n"
        "    ldp x23, x24, [sp, #32]\n"
        "    ldp x25, x26, [sp, #48]\n"
        "    ldp x27, x28, [sp, #64]\n"
        "    ldp x29, x30, [sp, #80]\n"
        "    ldp d8, d9, [sp, #96]\n"
        "    ldp d10, d11, [sp, #112]\n"
        "    ldp d12, d13, [sp, #128]\n"
        "    ldp d14, d15, [sp, #144]\n"
        "    add sp, sp, #160\n"
        "    ret\n"
        ".size rd_fiber_switch, .-rd_fiber_switch\n"
        ".p2align 4\n"
        ".globl rd_fiber_enter\n"
        ".hidden rd_fiber_enter\n"
        ".type rd_fiber_enter, %function\n"
        "rd_fiber_enter:\n"
        "    .cfi_startproc\n"
        "    .cfi_undefined x30\n" /* a backtrace ends here */
        "    mov x0, x19\n"
        "    blr x20\n"
        "    brk #0\n"
        "    .cfi_endproc\n"
        ".size rd_fiber_enter, .-rd_fiber_enter\n");

/* As rd_fiber_switch leaves it: x19 ... x30, d8 ... d15. */
static void *first_frame(char *top, void (*begin)(struct rd_fiber *), struct rd_fiber *fiber) {
    uint64_t *frame = (uint64_t *)top - 20;
    for (int i = 0; i < 20; i++) frame[i] = 0;
    frame[0] = (uint64_t)(uintptr_t)fiber;
    frame[1] = (uint64_t)(uintptr_t)begin;
    frame[11] = (uint64_t)(uintptr_t)rd_fiber_enter;
    return frame;
}
#else
#error "fibers are not written for this processor"
#endif

static size_t guard_bytes(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

enum rd_status rd_fiber_init(struct rd_fiber *fiber, size_t stack_bytes) {
    size_t size = stack_bytes + guard_bytes();
    void *stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) return RD_ERR_NO_MEMORY;
    if (mprotect(stack, guard_bytes(), PROT_NONE) != 0) {
        munmap(stack, size);
        return RD_ERR_NO_MEMORY;
    }
    *fiber = (struct rd_fiber){.stack = stack, .size = size};
    return RD_OK;
}

void rd_fiber_rest(struct rd_fiber *fiber, size_t keep) {
    madvise(fiber->stack + guard_bytes(), fiber->size - guard_bytes() - keep, MADV_DONTNEED);
}

void rd_fiber_destroy(struct rd_fiber *fiber) {
    if (!fiber->stack) return;
#ifdef RD_THREAD_SANITIZER
    if (fiber->fiber) __tsan_destroy_fiber(fiber->fiber);
#endif
    munmap(fiber->stack, fiber->size);
    fiber->stack = NULL;
}

/* To the fiber's stack, and back when it stops or is done. */
static void to_fiber(struct rd_fiber *fiber) {
    void *taken = fiber->pointer;
#ifdef RD_ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(&fiber->thread_fake_stack, fiber->stack + guard_bytes(), fiber->size - guard_bytes());
#endif
#ifdef RD_THREAD_SANITIZER
    fiber->thread_fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(fiber->fiber, 0);
#endif
    rd_fiber_switch(&fiber->pointer, taken);
#ifdef RD_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(fiber->thread_fake_stack, NULL, NULL);
#endif
}

/* On the fiber: to the thread's stack. */
static void to_thread(struct rd_fiber *fiber) {
    void *taken = fiber->pointer;
#ifdef RD_ADDRESS_SANITIZER
    /* At the end what the sanitizer has kept for the fiber's variables goes. */
    __sanitizer_start_switch_fiber(fiber->done ? NULL : &fiber->fake_stack, fiber->thread_stack, fiber->thread_stack_size);
#endif
#ifdef RD_THREAD_SANITIZER
    __tsan_switch_to_fiber(fiber->thread_fiber, 0);
#endif
    rd_fiber_switch(&fiber->pointer, taken);
#ifdef RD_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(fiber->fake_stack, (const void **)&fiber->thread_stack, &fiber->thread_stack_size);
#endif
}

static void begin(struct rd_fiber *fiber) {
#ifdef RD_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(NULL, (const void **)&fiber->thread_stack, &fiber->thread_stack_size);
#endif
    fiber->work(fiber->argument);
    fiber->done = true;
    to_thread(fiber);
    __builtin_unreachable();
}

bool rd_fiber_begin(struct rd_fiber *fiber, rd_fiber_fn *work, void *argument) {
    fiber->work = work;
    fiber->argument = argument;
    fiber->done = false;
    fiber->pointer = first_frame(fiber->stack + fiber->size, begin, fiber);
#ifdef RD_THREAD_SANITIZER
    /* A new one for each work: it counts the functions that were not left when the last one ended, until it has no room. */
    if (fiber->fiber) __tsan_destroy_fiber(fiber->fiber);
    fiber->fiber = __tsan_create_fiber(0);
#endif
    return rd_fiber_resume(fiber);
}

bool rd_fiber_resume(struct rd_fiber *fiber) {
    to_fiber(fiber);
    return fiber->done;
}

void rd_fiber_yield(struct rd_fiber *fiber) {
    to_thread(fiber);
}
