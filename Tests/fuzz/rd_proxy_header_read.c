/*
 * Fuzzes rd_proxy_header_read and rd_proxy_header_begins: a header is found as soon as it is whole, wherever what comes
 * is cut, and what begins none is none.
 */
#include "resp/proxy_header.h"

#include <stdlib.h>
#include <string.h>

#include "call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > 4 * RD_PROXY_MOST) return 0;
    /* Blocks of just this size, so that a byte too many is found. */
    char *bytes = malloc(size);
    memcpy(bytes, data, size);
    struct rd_proxy_header header, cut;
    enum rd_proxy_result result = rd_proxy_header_read(bytes, size, &header);
    if (result == RD_PROXY_HEADER) {
        fuzz_require(header.length > 0 && header.length <= size && header.length <= RD_PROXY_MOST);
        fuzz_require(!header.has_peer || header.peer.ss_family == AF_INET || header.peer.ss_family == AF_INET6);
        for (size_t i = 0; i < 3; i++) {
            size_t part = 1 + (size_t)data[i % size] * (header.length - 1) / 256;
            char *start = malloc(part);
            memcpy(start, bytes, part);
            fuzz_require(rd_proxy_header_read(start, part, &cut) == RD_PROXY_MORE);
            free(start);
        }
        fuzz_require(rd_proxy_header_read(bytes, header.length, &cut) == RD_PROXY_HEADER);
        fuzz_require(cut.length == header.length && cut.has_peer == header.has_peer);
        fuzz_require(memcmp(&cut.peer, &header.peer, sizeof cut.peer) == 0);
        fuzz_require(rd_proxy_header_begins(bytes, size) == RD_PROXY_HEADER);
    } else if (result == RD_PROXY_MORE) {
        fuzz_require(size < RD_PROXY_MOST);
    }
    free(bytes);
    return 0;
}
