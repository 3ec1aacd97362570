/*
 * This file owns a tracker's memory of keys: one reader for each key that its connection may keep a copy of. A reader
 * is in the list of the key's interest (interest.h), and in a table of its tracker, by the key's hash. The table is the
 * tracker's worker's alone; an interest that is not told yet is guarded by its shard's lock.
 */
#ifndef RD_READER_H
#define RD_READER_H

#include "observe/interest.h"

struct rd_reader {
    struct rd_reader *next, **place; /* in its interest */
    struct rd_interest *interest;
    struct rd_tracker *tracker;
};

/* Open addressing; at most half full where memory allows. */
struct rd_readers {
    struct rd_reader **slots;
    uint32_t capacity; /* a power of two, or 0 */
};

/* The tracker's reader of a key; NULL when it has none. */
struct rd_reader *rd_reader_find(const struct rd_tracker *tracker, uint64_t hash);
/* A new one for an interest, whose list it joins. RD_ERR_NO_MEMORY: it does not. */
RD_MUST_USE enum rd_status rd_reader_join(struct rd_tracker *tracker, struct rd_interest *interest);
/* Leaves both, and is freed. Who counts the interest's readers is the caller. */
void rd_reader_leave(struct rd_reader *reader);

/* Room for as many again, so that the next reader costs little. Without a shard's lock. */
void rd_readers_make_room(struct rd_tracker *tracker);
/* Some reader of the tracker, found from *at on, where the search goes on next; NULL when there is none. */
struct rd_reader *rd_readers_any(const struct rd_tracker *tracker, uint32_t *at);
void rd_readers_free(struct rd_tracker *tracker);

#endif
