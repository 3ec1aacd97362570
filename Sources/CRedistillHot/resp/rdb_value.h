/*
 * This file owns reading a value with a shape from a payload, item by item, whichever of Redis's forms it has. Behind the
 * type stands
 *
 *   list     count, strings; or count of pieces, each a string that is a ziplist, or its kind (rdb.h) and a string
 *   set      count, strings; or a string that is an intset or a listpack
 *   zset     count, { string, score }; or a string that is a ziplist or a listpack, members and scores in turn
 *   hash     count, { string, string }; or a string that is a ziplist, listpack or zipmap, fields and values in turn
 *   hash     time, count, { time from that one on plus one, or 0; string; string }
 *   hash     time, a string that is a listpack: fields, values and times in turn, 0 for none
 *   hash     count, { string, string, time, or -1 }, from Valkey
 *
 * Nothing is taken for the value's size but the bytes that are there. That an item is there twice is not seen here.
 */
#ifndef RD_RDB_VALUE_H
#define RD_RDB_VALUE_H

#include "resp/rdb.h"

enum rd_rdb_shape {
    RD_RDB_IS_HASH,
    RD_RDB_IS_SET,
    RD_RDB_IS_LIST,
    RD_RDB_IS_ZSET,
};

/* What an item consists of; borrowed until the next one is read. */
struct rd_rdb_item {
    struct rd_element first;  /* element, member, or field */
    struct rd_element second; /* a field's value */
    double score;             /* of a sorted set's member */
    int64_t time;             /* of a field, Unix time in ms; 0: none */
};

enum rd_rdb_step {
    RD_RDB_ITEM,
    RD_RDB_END,
    RD_RDB_BAD,
    RD_RDB_NO_MEMORY,
};

/* What is unpacked at the same time: a run, and an item's two strings. */
enum rd_rdb_room {
    RD_RDB_ROOM_RUN,
    RD_RDB_ROOM_FIRST,
    RD_RDB_ROOM_SECOND,
    RD_RDB_ROOMS,
};

/* Who reads gives memory to unpack in, which is used until it is asked for again. */
struct rd_rdb_memory {
    /* So many bytes, over what was there; NULL: there are none. */
    char *(*room)(struct rd_rdb_memory *memory, enum rd_rdb_room which, uint64_t length);
    uint64_t most; /* no string may have more */
};

struct rd_rdb_value {
    enum rd_rdb_shape shape;
    bool may_have_times;    /* the items' times may be other than 0 */
    /* The rest is the reader's own. */
    const struct rd_rdb_layout *layout; /* of its type */
    bool in_run;            /* `run` is to be gone on with */
    struct rd_rdb_cursor cursor;
    struct rd_packed run;
    uint64_t left;          /* items, or pieces, that the payload says are still to come */
    uint64_t first_time;    /* what the fields' times count from */
    uint64_t items;         /* that have been read */
    struct rd_rdb_memory *memory; /* borrowed */
    struct rd_rdb_string strings[RD_RDB_ROOMS];
};

/*
 * Begins a value of a payload or a file of that version, which is borrowed: what stands behind its type, without the tail.
 * RD_ERR_INVALID: it is of no type that has a shape, or malformed.
 */
RD_MUST_USE enum rd_status rd_rdb_value_begin(struct rd_rdb_value *value, uint8_t form, unsigned version,
                                              struct rd_rdb_cursor cursor, struct rd_rdb_memory *memory);
/* Is it a type that has a shape and is read here, from a server of that version? */
bool rd_rdb_value_is_known(uint8_t form, unsigned version);
/* The next item. A value without any is bad, as in Redis. */
enum rd_rdb_step rd_rdb_value_next(struct rd_rdb_value *value, struct rd_rdb_item *item);

#endif
