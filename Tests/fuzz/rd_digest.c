/* Fuzzes rd_digest and rd_digest_format: the same wherever the bytes lie, another for other bytes. */
#include "base/digest.h"

#include <stdlib.h>
#include <string.h>

#include "call.h"

static uint64_t digest_at(const uint8_t *data, size_t size, size_t offset) {
    char *bytes = malloc(size + offset + 1); /* its end is the bytes' when the offset is odd by one */
    if (size) memcpy(bytes + offset + 1, data, size);
    uint64_t digest = rd_digest((struct rd_slice){bytes + offset + 1, size});
    free(bytes);
    return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint64_t digest = digest_at(data, size, 0);
    for (size_t offset = 1; offset < 8; offset++) fuzz_require(digest_at(data, size, offset) == digest);
    char text[RD_DIGEST_DIGITS + 1] = {0}, *end;
    rd_digest_format((struct rd_slice){(const char *)data, size}, text);
    fuzz_require(strspn(text, "0123456789abcdef") == RD_DIGEST_DIGITS);
    fuzz_require(strtoull(text, &end, 16) == digest && !*end);
    if (size) {
        uint8_t *other = malloc(size);
        memcpy(other, data, size);
        other[digest % size] ^= (uint8_t)(1 << (digest >> 32 & 7));
        fuzz_require(digest_at(other, size, 0) != digest && digest_at(data, size - 1, 0) != digest);
        free(other);
    }
    return 0;
}
