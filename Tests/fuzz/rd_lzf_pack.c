/* Fuzzes rd_lzf_pack: within its room, and rd_lzf_unpack gives back what went in; as a stream, it does no harm. */
#include <stdlib.h>
#include <string.h>

#include "base/lzf.h"

static void require(bool holds) {
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    /* The first byte says how much less than the value the room is. */
    size_t saved = *data++;
    size--;
    size_t room = size > saved ? size - saved : 0;
    char *value = malloc(size + 1), *stream = malloc(room + 1), *back = malloc(size + 1);
    memcpy(value, data, size);
    size_t packed = rd_lzf_pack((struct rd_slice){value, size}, stream, room);
    require(packed <= room);
    if (packed) {
        require(rd_lzf_unpack((struct rd_slice){stream, packed}, back, size) == RD_OK);
        require(memcmp(back, value, size) == 0);
    }
    /* Whatever comes of it, in a room of its own. */
    char *exact = malloc(room + 1);
    enum rd_status status = rd_lzf_unpack((struct rd_slice){value, size}, exact, room);
    require(status == RD_OK || status == RD_ERR_INVALID);
    free(exact);
    free(back);
    free(stream);
    free(value);
    return 0;
}
