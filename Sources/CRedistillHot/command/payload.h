/* This file owns DUMP's and RESTORE's payloads of values with a shape. */
#ifndef RD_PAYLOAD_H
#define RD_PAYLOAD_H

#include "call/shaped.h"
#include "resp/rdb_bytes.h"

/* Replies the payload of what the call's key has. The shard's lock is held, and may be given back for a while. */
void rd_payload_reply(struct rd_call *call, const struct rd_found *found);

/*
 * Makes the value of the call's key what a sound payload holds that is no string's, over what is there if it may; *found is
 * the entry, or none where all is over already. Of much the shard's lock is given back in between. RD_ERR_INVALID:
 * malformed; RD_ERR_STATE: the key has come to be there; what was there is still there after every failure.
 */
RD_MUST_USE enum rd_status rd_payload_restore(struct rd_call *call, struct rd_slice payload, bool may_replace,
                                              int64_t expiry, struct rd_found *found);

/* What a value is restored to, and with what. Everything is borrowed. */
struct rd_restore {
    struct rd_store *store;
    struct rd_shard *shard;
    uint64_t hash;
    struct rd_slice name;
    uint32_t database; /* which leads to its keyspace, perhaps to another by the time that all of the value is there */
    int64_t now, expiry;
    const struct rd_settings *settings;
    struct rd_shape_scratch *scratch;
    bool may_replace;
    bool keeps_lock; /* an EXEC's */
};
/* The same as rd_payload_restore, of a value as it stands in a payload or a file of that version, behind its type. */
RD_MUST_USE enum rd_status rd_restore_value(const struct rd_restore *to, uint8_t form, unsigned version,
                                            struct rd_rdb_cursor cursor, struct rd_found *found);

#endif
