/* This file owns an operation. */
#include "operation.h"

#include "fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bench_operation_init(struct bench_operation *operation, uint32_t keys, uint32_t key_size, size_t room) {
    *operation = (struct bench_operation){.key_size = key_size, .capacity = room + (size_t)keys * key_size};
    operation->bytes = bench_allocate(operation->capacity, 1);
    operation->key_at = bench_allocate(keys, sizeof *operation->key_at);
}

void bench_operation_free(struct bench_operation *operation) {
    free(operation->bytes);
    free(operation->key_at);
}

void bench_operation_append(struct bench_operation *operation, const char *bytes, size_t size) {
    if (operation->capacity - operation->size < size) bench_fail("a request does not fit its own buffer");
    memcpy(operation->bytes + operation->size, bytes, size);
    operation->size += size;
}

void bench_operation_append_text(struct bench_operation *operation, const char *format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text) bench_fail("part of a request is longer than %zu", sizeof text);
    bench_operation_append(operation, text, (size_t)length);
}

void bench_operation_append_key(struct bench_operation *operation) {
    operation->key_at[operation->keys++] = operation->size;
    operation->size += operation->key_size;
}

void bench_operation_expect(struct bench_operation *operation, const char *start, size_t size, uint32_t replies,
                            uint32_t reads) {
    operation->start_size = (size_t)snprintf(operation->start, sizeof operation->start, "%s", start);
    operation->reply_size = size;
    operation->replies = replies;
    operation->reads = reads;
}

void bench_key_write(char *out, uint32_t key_size, uint32_t key) {
    out[0] = 'k';
    for (uint32_t i = key_size; i-- > 1; key /= 10) out[i] = (char)('0' + key % 10);
}
