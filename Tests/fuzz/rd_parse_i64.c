/* Fuzzes rd_parse_i64 and rd_parse_u64: what they accept prints back to itself, and strtoll agrees. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

static void require(bool holds) {
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size ? size : 1), *terminated = malloc(size + 1);
    memcpy(text, data, size);
    memcpy(terminated, data, size);
    terminated[size] = 0;
    char printed[RD_I64_DIGITS];
    int64_t value;
    uint64_t magnitude;
    errno = 0;
    long long expected = strtoll(terminated, NULL, 10);
    bool canonical = errno == 0 && size == (size_t)(rd_format_i64(printed, expected) - printed) &&
                     memcmp(printed, text, size) == 0;
    require(rd_parse_i64(text, size, &value) == canonical);
    if (canonical) require(value == expected);
    if (rd_parse_u64(text, size, &magnitude)) {
        require(size == (size_t)(rd_format_u64(printed, magnitude) - printed) && memcmp(printed, text, size) == 0);
        require((magnitude <= INT64_MAX) == canonical);
    } else {
        require(!canonical || value < 0);
    }
    free(text);
    free(terminated);
    return 0;
}
