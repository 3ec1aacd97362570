/* Fuzzes rd_rdb_read and rd_rdb_unpack: whatever a payload announces, nothing beyond it is read or written. */
#include <stdlib.h>
#include <string.h>

#include "resp/rdb.h"

#define FOOTER 10
#define UNPACKED_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* The checksum is rd_rdb_is_sound's business, which a sender of bad payloads satisfies too. */
    char *payload = malloc(size + FOOTER);
    memcpy(payload, data, size);
    memset(payload + size, 0, FOOTER);
    struct rd_rdb_string string;
    if (rd_rdb_read((struct rd_slice){payload, size + FOOTER}, &string) == RD_OK) {
        if (string.compressed) {
            char *out = string.length <= UNPACKED_MAX ? malloc(string.length ? string.length : 1) : NULL;
            if (out && rd_rdb_unpack(&string, out) == RD_OK && string.length && out[string.length - 1] == out[0]) out[0]++;
            free(out);
        } else {
            const char *end = string.bytes.bytes + string.bytes.length;
            bool within = string.bytes.bytes >= payload && end <= payload + size;
            bool is_number = string.bytes.bytes == string.number && string.bytes.length <= sizeof string.number;
            if (!within && !is_number) abort();
        }
    }
    free(payload);
    return 0;
}
