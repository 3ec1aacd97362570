/*
 * Fuzzes rd_glob_match: pattern and text on both sides of the first NUL. A pattern matches itself when every byte is
 * escaped, and a star behind it matches whatever follows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"

static char *copy(const uint8_t *data, size_t size) {
    char *bytes = malloc(size ? size : 1);
    memcpy(bytes, data, size);
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t pattern_size = end ? (size_t)(end - data) : size;
    size_t text_size = end ? size - pattern_size - 1 : 0;
    char *pattern = copy(data, pattern_size), *text = copy(end ? end + 1 : data, text_size);
    struct rd_slice asked = {pattern, pattern_size}, given = {text, text_size};
    bool matches = rd_glob_match(asked, given, false);
    if (matches && !rd_glob_match(asked, given, true)) {
        /* Folding may take a letter out of a range that ends in a capital, but out of nothing else. */
        if (!memchr(pattern, '[', pattern_size)) abort();
    }
    char *escaped = malloc(2 * text_size + 1);
    for (size_t i = 0; i < text_size; i++) {
        escaped[2 * i] = '\\';
        escaped[2 * i + 1] = text[i];
    }
    escaped[2 * text_size] = '*';
    if (!rd_glob_match((struct rd_slice){escaped, 2 * text_size}, given, false)) abort();
    if (!rd_glob_match((struct rd_slice){escaped, 2 * text_size + 1}, given, false)) abort();
    free(escaped);
    free(pattern);
    free(text);
    return 0;
}
