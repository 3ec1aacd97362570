/* Fuzzes rd_http_request_read: what it finds lies in what came, and does not depend on where that was cut. */
#include "resp/http_request.h"

#include <stdlib.h>
#include <string.h>

#include "call.h"

static bool is_within(const char *text, const char *bytes, size_t room) {
    return text >= bytes && text < bytes + room && memchr(text, '\0', (size_t)(bytes + room - text)) != NULL;
}

/* In a block of just that room, which the caller frees. */
static char *copy_of(const uint8_t *data, size_t size) {
    char *bytes = malloc(size + 1);
    memcpy(bytes, data, size);
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    struct rd_http_request request, again;
    char *bytes = copy_of(data, size);
    /* More room than that: an end that has not come is no refusal yet. */
    int result = rd_http_request_read(bytes, size, size + 1 + (data[0] & 1), &request);
    fuzz_require(result == RD_HTTP_MORE || result == RD_HTTP_WHOLE || (result >= 400 && result <= 599));
    if (result == RD_HTTP_WHOLE) {
        fuzz_require(is_within(request.method, bytes, size + 1) && is_within(request.path, bytes, size + 1));
        fuzz_require(request.method[0] != '\0' && request.path[0] == '/');
        fuzz_require(!request.authorization || is_within(request.authorization, bytes, size + 1));
        fuzz_require(!request.host || is_within(request.host, bytes, size + 1));
        /* It is not whole before its end, and the same when what follows has not come. */
        size_t least = 0;
        char *part;
        do {
            part = copy_of(data, ++least);
            result = rd_http_request_read(part, least, least + 2, &again);
            if (result == RD_HTTP_MORE) free(part);
        } while (result == RD_HTTP_MORE && least < size);
        fuzz_require(result == RD_HTTP_WHOLE);
        fuzz_require(strcmp(request.method, again.method) == 0 && strcmp(request.path, again.path) == 0);
        fuzz_require(!request.authorization == !again.authorization);
        free(part);
    }
    free(bytes);
    return 0;
}
