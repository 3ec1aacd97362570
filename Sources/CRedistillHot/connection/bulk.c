/* This file owns large arguments on their way into their blobs. */
#include "connection/bulk.h"

#include <string.h>

#include "memory/blobs.h"

/* It is whole, or given up. */
static void end_promise(struct rd_bulk *bulk, struct rd_blobs *blobs) {
    if (bulk->promised) rd_spans_end_promise(&blobs->spans, bulk->promised);
    bulk->promised = 0;
}

/* Its addresses: all of them, or where others hold too many, as much again as has come. */
static uint64_t addresses(struct rd_bulk *bulk, struct rd_blobs *blobs, uint64_t come) {
    uint64_t whole = bulk->length + 2, twice = come * 2;
    if (twice < rd_span_size(0)) twice = rd_span_size(0);
    if (twice >= whole) return whole;
    if (!rd_spans_promise(&blobs->spans, whole)) return twice;
    bulk->promised = whole;
    return whole;
}

enum rd_status rd_bulk_begin(struct rd_bulk *bulk, struct rd_blobs *blobs, uint64_t length, struct rd_slice first,
                             struct rd_slice more) {
    bulk->length = length;
    uint64_t arrived = first.length + more.length;
    struct rd_blob *blob = rd_blob_new(blobs, arrived, addresses(bulk, blobs, arrived));
    if (!blob) {
        end_promise(bulk, blobs);
        return RD_ERR_NO_MEMORY;
    }
    if (first.length) memcpy(blob->bytes, first.bytes, first.length);
    if (more.length) memcpy(blob->bytes + first.length, more.bytes, more.length);
    blob->length = arrived;
    bulk->blob = blob;
    return RD_OK;
}

enum rd_status rd_bulk_room(struct rd_bulk *bulk, size_t most, char **room, size_t *size) {
    struct rd_blob *blob = bulk->blob;
    uint64_t whole = bulk->length + 2;
    if (blob->length == rd_blobs_room(blob)) {
        end_promise(bulk, blob->blobs); /* where addresses were out, less than was promised was had */
        uint64_t length = blob->length, wanted = addresses(bulk, blob->blobs, length);
        if (rd_blob_move(&bulk->blob, length, wanted) != RD_OK) return RD_ERR_NO_MEMORY;
        blob = bulk->blob;
    }
    uint64_t end = rd_blobs_room(blob) < whole ? rd_blobs_room(blob) : whole;
    if (end - blob->length > most) end = blob->length + most;
    rd_blobs_expect(blob->blobs, blob, end);
    *room = blob->bytes + blob->length;
    *size = end - blob->length;
    return RD_OK;
}

void rd_bulk_came(struct rd_bulk *bulk, size_t bytes) {
    bulk->blob->length += bytes;
    rd_blobs_came(bulk->blob->blobs, bulk->blob);
}

enum rd_status rd_bulk_finish(struct rd_bulk *bulk) {
    struct rd_blob *blob = bulk->blob;
    if (memcmp(blob->bytes + bulk->length, "\r\n", 2) != 0) return RD_ERR_INVALID;
    blob->length = bulk->length;
    rd_blob_trim(blob); /* of a page that only CRLF is on */
    return RD_OK;
}

struct rd_blob *rd_bulk_leave(struct rd_bulk *bulk) {
    struct rd_blob *blob = bulk->blob;
    end_promise(bulk, blob->blobs);
    bulk->blob = NULL;
    return blob;
}

void rd_bulk_drop(struct rd_bulk *bulk) {
    if (bulk->blob) rd_blob_release(rd_bulk_leave(bulk));
}
