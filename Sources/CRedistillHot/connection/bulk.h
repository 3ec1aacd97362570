/*
 * This file owns a large argument on its way from the socket into the blob that it is received into without a copy, and
 * that SET then takes over.
 */
#ifndef RD_BULK_H
#define RD_BULK_H

#include "memory/blob.h"

/* Arguments from this length on are received so. */
#define RD_DIRECT_BULK (32u << 10)

struct rd_bulk {
    struct rd_blob *blob; /* owned; NULL: none is on its way. Its length is what has come, of the CRLF behind it too */
    uint64_t length;      /* of the argument, as announced */
    uint64_t promised;    /* what addresses were promised for it; 0: it moves as it grows */
};

/* An argument of that length begins; what has come of it, in two pieces, is copied. */
RD_MUST_USE enum rd_status rd_bulk_begin(struct rd_bulk *bulk, struct rd_blobs *blobs, uint64_t length,
                                         struct rd_slice first, struct rd_slice more);
/* Where the next bytes go: at most `most`. */
RD_MUST_USE enum rd_status rd_bulk_room(struct rd_bulk *bulk, size_t most, char **room, size_t *size);
/* So many have come, and count from now on. */
void rd_bulk_came(struct rd_bulk *bulk, size_t bytes);
/* Cuts off the CRLF of one that has come whole. RD_ERR_INVALID: something else is in its place. */
RD_MUST_USE enum rd_status rd_bulk_finish(struct rd_bulk *bulk);
/* None is on its way any more. The blob is the caller's. */
struct rd_blob *rd_bulk_leave(struct rd_bulk *bulk);
/* Gives up what is on its way, if anything. */
void rd_bulk_drop(struct rd_bulk *bulk);

/* Lacks it nothing but its CRLF? */
static inline bool rd_bulk_has_body(const struct rd_bulk *bulk) {
    return bulk->blob->length >= bulk->length;
}

static inline bool rd_bulk_is_whole(const struct rd_bulk *bulk) {
    return bulk->blob->length == bulk->length + 2;
}

/* What has come of it. */
static inline uint64_t rd_bulk_arrived(const struct rd_bulk *bulk) {
    return bulk->blob ? bulk->blob->length : 0;
}

#endif
