/* This file owns a string of bytes that grows. Running out of memory ends the fuzzer. */
#ifndef FUZZ_BYTES_H
#define FUZZ_BYTES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    char *at;
    size_t length, room;
};

static inline char *bytes_room(struct bytes *bytes, size_t more) {
    if (bytes->length + more > bytes->room || !bytes->at) {
        bytes->room = (bytes->length + more) * 3 / 2 + 64;
        bytes->at = realloc(bytes->at, bytes->room);
        if (!bytes->at) abort();
    }
    return bytes->at + bytes->length;
}

static inline void bytes_add(struct bytes *bytes, const void *more, size_t length) {
    char *room = bytes_room(bytes, length);
    if (length) memcpy(room, more, length);
    bytes->length += length;
}

static inline void bytes_text(struct bytes *bytes, const char *text) {
    bytes_add(bytes, text, strlen(text));
}

static inline void bytes_number(struct bytes *bytes, long long number) {
    char text[32];
    bytes_add(bytes, text, (size_t)snprintf(text, sizeof text, "%lld", number));
}

/* Forgets the first so many. */
static inline void bytes_drop(struct bytes *bytes, size_t count) {
    if (!count) return;
    memmove(bytes->at, bytes->at + count, bytes->length - count);
    bytes->length -= count;
}

static inline void bytes_free(struct bytes *bytes) {
    free(bytes->at);
    *bytes = (struct bytes){NULL, 0, 0};
}

#endif
