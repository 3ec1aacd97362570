/*
 * Fuzzes rd_client_filter_parse and rd_client_filter_passes: the lines are CLIENT LIST's or CLIENT KILL's words. An
 * error is written exactly when they are refused, and nobody passes whom an option rules out.
 */
#include "admin/client_filter.h"

#include <stdlib.h>

#include "call.h"
#include "connection/conn.h"

static bool names(const struct rd_client_filter *filter, uint64_t id) {
    for (uint32_t i = 0; i < filter->id_count; i++) {
        if (filter->ids[i] == id) return true;
    }
    return filter->id_count == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    struct fuzz_arguments words = {.count = 0};
    fuzz_arguments_add(&words, "client", 6);
    fuzz_arguments_add(&words, data[0] & 1 ? "list" : "kill", 4);
    const uint8_t *at = data + 1, *end = data + size;
    fuzz_arguments_read(&words, &at, end);
    fuzz_begin();
    struct rd_call call = fuzz_call(&words);
    struct rd_client_filter filter = {.skip_caller = true};
    bool accepted = rd_client_filter_parse(&filter, &call, 2);
    fuzz_require(accepted == (call.reply->length == 0));
    if (accepted) {
        fuzz_require(filter.id_count <= words.count - 2 && filter.least_age_s >= 0);
        /* Accepted by another worker after the clock was read, just now, and long ago. */
        static const int64_t created_ms[] = {100001, 100000, 0};
        for (int i = 0; i < 3; i++) {
            struct rd_conn conn = *call.conn;
            conn.created_ms = created_ms[i];
            bool passes = rd_client_filter_passes(&filter, &conn, 100000);
            fuzz_require(!passes || (names(&filter, conn.id) && !filter.none));
            fuzz_require(!passes || filter.least_age_s <= (created_ms[i] ? 0 : 100));
            bool unlimited = names(&filter, conn.id) && !filter.none && !filter.address.bytes && !filter.local.bytes;
            if (unlimited && filter.least_age_s == 0) fuzz_require(passes);
        }
    }
    rd_client_filter_free(&filter);
    fuzz_arguments_free(&words);
    fuzz_end();
    return 0;
}
