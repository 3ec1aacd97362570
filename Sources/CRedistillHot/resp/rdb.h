/*
 * This file owns Redis's serialized string, as DUMP writes and RESTORE reads it:
 *
 *   +------+---------------------------------+-------------------+----------------------+
 *   | 0x00 | length and bytes, integer, LZF  | version, 2 bytes  | CRC-64 of the before |
 *   +------+---------------------------------+-------------------+----------------------+
 *
 * Sources: Redis's rdb.h and rdb.c (rdbSaveLen, rdbLoadLenByRef, rdbEncodeInteger), crc64.c (Jones's polynomial), and
 * lzf.h.
 */
#ifndef RD_RDB_H
#define RD_RDB_H

#include "redistill_hot.h"

/* Room for a payload besides the string's own: type, encoding, the two longest lengths, version, checksum. */
#define RD_RDB_OVERHEAD (1 + 1 + 9 + 9 + 2 + 8)

/* Writes the payload of a string at out (value.length + RD_RDB_OVERHEAD bytes of room); returns its length. */
size_t rd_rdb_write(struct rd_slice value, char *out);

/* From here on a string is neither packed nor a number, and what stands before and behind it can be had by itself. */
#define RD_RDB_FRAMED_FROM (256u << 10)
struct rd_rdb_frame {
    char head[10], tail[10];
    size_t head_length;
};
void rd_rdb_frame(struct rd_slice value, struct rd_rdb_frame *frame);

/* Are version and checksum right? */
bool rd_rdb_is_sound(struct rd_slice payload);

/* What a sound payload holds. */
struct rd_rdb_string {
    struct rd_slice bytes; /* verbatim bytes or LZF stream within the payload, or number's text */
    bool compressed;
    uint64_t length;       /* of the string, when compressed */
    char number[20];
};

/* RD_ERR_INVALID: another type than string, or malformed. */
RD_MUST_USE enum rd_status rd_rdb_read(struct rd_slice payload, struct rd_rdb_string *string);
/* Unpacks a compressed string into out, which has room for its length. RD_ERR_INVALID: malformed. */
RD_MUST_USE enum rd_status rd_rdb_unpack(const struct rd_rdb_string *string, char *out);

#endif
