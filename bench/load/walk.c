/* This file owns walking through replies. */
#include "walk.h"

#include <string.h>

bool bench_walk_line_is(const char *line, size_t size, const char *text) {
    return size == strlen(text) && memcmp(line, text, size) == 0;
}

void bench_walk_begin(struct bench_walk *walk, uint32_t replies) {
    walk->left = replies;
    walk->hits = 0;
    walk->nulls = 0;
}

/* The line that begins in walk->line and ends with `bytes`; NULL: too long. */
static const char *join(struct bench_walk *walk, const char *bytes, size_t *size) {
    if (walk->line_size == 0) return bytes;
    if (*size > sizeof walk->line - walk->line_size) return NULL;
    memcpy(walk->line + walk->line_size, bytes, *size);
    *size += walk->line_size;
    walk->line_size = 0;
    return walk->line;
}

static bool keep(struct bench_walk *walk, const char *bytes, size_t size) {
    if (size > sizeof walk->line - walk->line_size) return false;
    memcpy(walk->line + walk->line_size, bytes, size);
    walk->line_size += (uint32_t)size;
    return true;
}

static enum bench_walked wrong(struct bench_walk *walk, const char *bytes, size_t size) {
    walk->wrong = bytes;
    walk->wrong_size = size;
    return BENCH_WALKED_WRONG;
}

enum bench_walked bench_walk_take(struct bench_walk *walk, bench_walk_line *take_line, uint32_t value_size,
                                  const char *bytes, size_t size) {
    const char *end = bytes + size;
    while (bytes < end) {
        if (walk->passing > 0) {
            size_t part = walk->passing < (size_t)(end - bytes) ? walk->passing : (size_t)(end - bytes);
            bytes += part;
            walk->passing -= part;
            if (walk->passing == 0 && bytes[-1] != '\n') return wrong(walk, bytes - 1, (size_t)(end - bytes) + 1);
            continue;
        }
        size_t size_left = (size_t)(end - bytes);
        if (walk->left == 0) return wrong(walk, bytes, size_left);
        const char *feed = memchr(bytes, '\n', size_left);
        if (!feed) return keep(walk, bytes, size_left) ? BENCH_WALKED_PART : wrong(walk, bytes, size_left);
        size_t line_size = (size_t)(feed + 1 - bytes);
        const char *line = join(walk, bytes, &line_size);
        if (!line) return wrong(walk, bytes, size_left);
        bool whole = line_size >= 3 && line[line_size - 2] == '\r';
        if (!whole || !take_line(walk, line, line_size - 2, value_size)) return wrong(walk, line, line_size);
        bytes = feed + 1;
    }
    return walk->left == 0 && walk->passing == 0 ? BENCH_WALKED_ALL : BENCH_WALKED_PART;
}
