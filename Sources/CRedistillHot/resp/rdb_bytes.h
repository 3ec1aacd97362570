/*
 * This file owns what Redis's payloads are made of: lengths, strings, times and doubles.
 *
 *   length   00xxxxxx, 01xxxxxx xxxxxxxx, 0x80 and 4 bytes, 0x81 and 8     big-endian
 *   string   length and bytes; 0xc0, 0xc1, 0xc2 and an integer of 1, 2, 4 bytes; 0xc3, two lengths and LZF
 *
 * Sources: Redis's rdb.h and rdb.c (rdbSaveLen, rdbLoadLenByRef, rdbEncodeInteger).
 */
#ifndef RD_RDB_BYTES_H
#define RD_RDB_BYTES_H

#include "base/lzf.h"
#include "resp/packed_run.h"

/* Room for a string besides its own: encoding, and the two longest lengths. */
#define RD_RDB_STRING_OVERHEAD (1 + 9 + 9)
#define RD_RDB_LENGTH_MOST 9
/* Longer strings take too long to pack, for others wait: they go as they are, which every reader understands, too. */
#define RD_RDB_PACK_MOST (256u << 10)

/* What is still to be read. */
struct rd_rdb_cursor {
    const unsigned char *at, *end; /* borrowed */
};

struct rd_rdb_string {
    struct rd_slice bytes; /* verbatim bytes or LZF stream within the payload, or number's text */
    bool compressed, is_integer;
    uint64_t length;       /* of the string, when compressed */
    int64_t integer;
    char number[20];
};

/* False: it is cut, or none. */
bool rd_rdb_get_byte(struct rd_rdb_cursor *cursor, uint8_t *byte);
bool rd_rdb_get_length(struct rd_rdb_cursor *cursor, uint64_t *length);
bool rd_rdb_get_string(struct rd_rdb_cursor *cursor, struct rd_rdb_string *string);
/* Eight bytes, little-endian: a time in ms, or a double's. */
bool rd_rdb_get_eight(struct rd_rdb_cursor *cursor, uint64_t *value);
/* A double as servers before 3.2 wrote it: a byte that says how long its text is, or what it is that has none. */
bool rd_rdb_get_double_text(struct rd_rdb_cursor *cursor, double *value);
/* The whole of a text as a double, inf too. False: it is none, or NaN. */
bool rd_rdb_double_of(struct rd_slice text, double *value);

/* Each writes at out and returns the end. A string's room is its length and the overhead above. */
char *rd_rdb_put_little(char *out, uint64_t value, int bytes);
char *rd_rdb_put_length(char *out, uint64_t length);
char *rd_rdb_put_string(char *out, struct rd_slice value, struct rd_lzf_places *places);

/* The same of one that is never packed, which costs less time than it saves bytes. */
char *rd_rdb_put_plain(char *out, struct rd_slice value);

/* Unpacks a compressed string into out, which has room for its length. RD_ERR_INVALID: malformed. */
RD_MUST_USE enum rd_status rd_rdb_unpack(const struct rd_rdb_string *string, char *out);
/* A byte of LZF becomes at most 264 of its string: what announces more is malformed, and gets no memory. */
static inline bool rd_rdb_may_unpack(const struct rd_rdb_string *string, uint64_t most) {
    return string->length <= most && string->length / 264 <= string->bytes.length;
}

#endif
