/*
 * This file owns Redis's serialized value, as DUMP writes and RESTORE reads it, and the string in one:
 *
 *   +------+-------------------------+-------------------+----------------------+
 *   | type | a string: rdb_bytes.h   | version, 2 bytes  | CRC-64 of the before |
 *   +------+-------------------------+-------------------+----------------------+
 *
 * Of other types see rdb_value.h. Sources: Redis's rdb.h and rdb.c, and crc64.c (Jones's polynomial).
 */
#ifndef RD_RDB_H
#define RD_RDB_H

#include "resp/rdb_bytes.h"

/* Version and checksum. */
#define RD_RDB_TAIL (2 + 8)
/* Room for a payload besides the string's own: type, what the string needs, tail. */
#define RD_RDB_OVERHEAD (1 + RD_RDB_STRING_OVERHEAD + RD_RDB_TAIL)

/*
 * The version that is written: what is written looks the same in all from there on, and a Redis or Valkey that is older
 * than the number in a payload refuses it. 10 is Redis 7.0's, so that keys can move to anything since. Times of a hash's
 * fields came with Redis 7.4's 12.
 */
#define RD_RDB_VERSION 10
#define RD_RDB_VERSION_TIMED 12
/* From here on a payload is Valkey's, whose types go on by themselves after 21. */
#define RD_RDB_VERSION_VALKEY 80

/* The first byte: Redis's types, of those that are read or written. */
enum rd_rdb_form {
    RD_RDB_STRING = 0,
    RD_RDB_LIST = 1,
    RD_RDB_SET = 2,
    RD_RDB_ZSET = 3,
    RD_RDB_HASH = 4,
    RD_RDB_ZSET_2 = 5,
    RD_RDB_HASH_ZIPMAP = 9,
    RD_RDB_LIST_ZIPLIST = 10,
    RD_RDB_SET_INTSET = 11,
    RD_RDB_ZSET_ZIPLIST = 12,
    RD_RDB_HASH_ZIPLIST = 13,
    RD_RDB_LIST_QUICKLIST = 14,
    RD_RDB_HASH_LISTPACK = 16,
    RD_RDB_ZSET_LISTPACK = 17,
    RD_RDB_LIST_QUICKLIST_2 = 18,
    RD_RDB_SET_LISTPACK = 20,
    RD_RDB_HASH_OF_VALKEY = 22, /* from version 80 on; in Redis what was before a release */
    RD_RDB_HASH_METADATA = 24,
    RD_RDB_HASH_LISTPACK_EX = 25,
};

/* What a piece of a quicklist is: an element by itself, or a listpack of some. */
#define RD_RDB_PIECE_PLAIN 1
#define RD_RDB_PIECE_PACKED 2

/* The highest time that a field may have, Unix time in ms: Redis keeps 48 bits. */
#define RD_RDB_FIELD_TIME_MOST ((1ull << 48) - 1)

/* Writes the payload of a string at out (value.length + RD_RDB_OVERHEAD bytes of room); returns its length. */
size_t rd_rdb_write(struct rd_slice value, char *out);

/* From here on a string is neither packed nor a number, and what stands before and behind it can be had by itself. */
#define RD_RDB_FRAMED_FROM RD_RDB_PACK_MOST
struct rd_rdb_frame {
    char head[10], tail[10];
    size_t head_length;
};
void rd_rdb_frame(struct rd_slice value, struct rd_rdb_frame *frame);

/* Are version and checksum right? */
bool rd_rdb_is_sound(struct rd_slice payload);

/* Writes version and checksum behind a payload of so many bytes; returns its length with them. */
size_t rd_rdb_seal(char *payload, size_t length, unsigned version);

/* Goes on with a checksum, 0 at first, by so many bytes: for much at a time. */
uint64_t rd_rdb_checksum(uint64_t checksum, const char *bytes, size_t length);

/* Of a sound payload what is before the tail, and the version. */
struct rd_rdb_cursor rd_rdb_open(struct rd_slice payload);
unsigned rd_rdb_version(struct rd_slice payload);

static inline bool rd_rdb_is_string(struct rd_slice payload) {
    return payload.length > RD_RDB_TAIL && payload.bytes[0] == RD_RDB_STRING;
}

/* RD_ERR_INVALID: a sound payload of another type than string, or malformed. */
RD_MUST_USE enum rd_status rd_rdb_read(struct rd_slice payload, struct rd_rdb_string *string);

#endif
