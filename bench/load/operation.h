/*
 * This file owns an operation: one command, or a whole transaction, as bytes with holes for its keys, and what the
 * right answer to it looks like.
 */
#ifndef BENCH_OPERATION_H
#define BENCH_OPERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bench_operation {
    char *bytes;            /* owned */
    size_t size;
    size_t capacity;
    size_t *key_at;         /* owned; where in `bytes` each key belongs */
    uint32_t keys;
    uint32_t key_size;
    bool is_one_key;        /* the same everywhere; otherwise each is another */

    char start[32];         /* how the right answer begins: as much of it as is sure to fit */
    size_t start_size;
    size_t reply_size;      /* of the right answer with every key found */
    uint32_t replies;       /* that the server gives; an array counts once */
    uint32_t reads;         /* values that it asks for: each is found or missed */
};

/* Empty, with room for `keys` keys of key_size bytes and for `room` bytes besides. bench_operation_free frees it. */
void bench_operation_init(struct bench_operation *operation, uint32_t keys, uint32_t key_size, size_t room);
void bench_operation_free(struct bench_operation *operation);

void bench_operation_append(struct bench_operation *operation, const char *bytes, size_t size);
void bench_operation_append_text(struct bench_operation *operation, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void bench_operation_append_key(struct bench_operation *operation);

/* `replies` replies of `size` bytes together, which ask for `reads` values, and whose first begins with `start`. */
void bench_operation_expect(struct bench_operation *operation, const char *start, size_t size, uint32_t replies,
                            uint32_t reads);

/* Writes the key of that number to `out`, which has room for key_size bytes. */
void bench_key_write(char *out, uint32_t key_size, uint32_t key);

#endif
