/* This file owns the payload of DUMP: lengths, integers, checksum. */
#include "resp/rdb.h"

#include <endian.h>
#include <string.h>

#include "base/lzf.h"
#include "base/number.h"

/*
 * The version that is written: strings look the same in all, and a Redis or Valkey that is older than the number in a
 * payload refuses it. 10 is Redis 7.0's, so that keys can move to anything from there on.
 */
#define WRITE_VERSION 10
/* Versions of servers that exist or may soon; a larger number is not a payload. Redis 8.4 writes 13, Valkey 9 80. */
#define READ_VERSION_MAX 99

#define TYPE_STRING 0
#define ENCODED_INT8 0xc0
#define ENCODED_INT16 0xc1
#define ENCODED_INT32 0xc2
#define ENCODED_LZF 0xc3
#define LENGTH_14_BITS 0x40
#define LENGTH_32_BITS 0x80
#define LENGTH_64_BITS 0x81
#define LENGTH_BYTES_MAX 9
/* Shorter strings are not worth trying, as Redis has it. */
#define PACK_FROM 21
/* Longer ones take too long, for others wait: they go as they are, which every reader understands, too. */
#define PACK_MOST RD_RDB_FRAMED_FROM
/* From here on tables for eight bytes at a time are worth being made. */
#define WIDE_CRC_FROM (32u << 10)

/* CRC-64 by Jones, reflected, four bits at a time. */
static const uint64_t crc_of_nibble[16] = {
    0x0000000000000000u, 0x7d08ff3b88be6f81u, 0xfa11fe77117cdf02u, 0x8719014c99c2b083u,
    0xdf7adabd7a6e2d6fu, 0xa2722586f2d042eeu, 0x256b24ca6b12f26du, 0x5863dbf1e3ac9decu,
    0x95ac9329ac4bc9b5u, 0xe8a46c1224f5a634u, 0x6fbd6d5ebd3716b7u, 0x12b5926535897936u,
    0x4ad64994d625e4dau, 0x37deb6af5e9b8b5bu, 0xb0c7b7e3c7593bd8u, 0xcdcf48d84fe75459u,
};

static uint64_t crc64_on(uint64_t crc, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        crc ^= (unsigned char)bytes[i];
        crc = crc_of_nibble[crc & 15] ^ crc >> 4;
        crc = crc_of_nibble[crc & 15] ^ crc >> 4;
    }
    return crc;
}

/* tables[k][b]: what byte b is to the checksum with k zeros behind it. */
static uint64_t crc64_wide(uint64_t crc, const char *bytes, size_t length) {
    uint64_t tables[8][256];
    for (unsigned byte = 0; byte < 256; byte++) {
        char text = (char)byte;
        tables[0][byte] = crc64_on(0, &text, 1);
    }
    for (int zeros = 1; zeros < 8; zeros++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint64_t before = tables[zeros - 1][byte];
            tables[zeros][byte] = tables[0][before & 255] ^ before >> 8;
        }
    }
    for (; length >= 8; bytes += 8, length -= 8) {
        uint64_t eight;
        memcpy(&eight, bytes, 8);
        crc ^= le64toh(eight);
        uint64_t next = 0;
        for (int byte = 0; byte < 8; byte++) next ^= tables[7 - byte][crc >> 8 * byte & 255];
        crc = next;
    }
    return crc64_on(crc, bytes, length);
}

static uint64_t crc64(const char *bytes, size_t length) {
    return length < WIDE_CRC_FROM ? crc64_on(0, bytes, length) : crc64_wide(0, bytes, length);
}

static char *put_little(char *out, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) *out++ = (char)(value >> (8 * i));
    return out;
}

static char *put_big(char *out, uint64_t value, int bytes) {
    for (int i = bytes; i-- > 0;) *out++ = (char)(value >> (8 * i));
    return out;
}

static char *put_length(char *out, uint64_t length) {
    if (length < 1 << 6) return put_big(out, length, 1);
    if (length < 1 << 14) return put_big(out, length | LENGTH_14_BITS << 8, 2);
    if (length <= UINT32_MAX) {
        *out++ = (char)LENGTH_32_BITS;
        return put_big(out, length, 4);
    }
    *out++ = (char)LENGTH_64_BITS;
    return put_big(out, length, 8);
}

static char *put_integer(char *out, int64_t value) {
    int kind = value == (int8_t)value ? 0 : value == (int16_t)value ? 1 : 2;
    *out++ = (char)(ENCODED_INT8 + kind);
    return put_little(out, (uint64_t)value, 1 << kind);
}

/* The string packed, or NULL when that saves less than four bytes. */
static char *put_packed(char *out, struct rd_slice value) {
    if (value.length < PACK_FROM || value.length >= PACK_MOST) return NULL;
    /* How long the lengths are is known only afterwards. */
    char *stream = out + 1 + 2 * LENGTH_BYTES_MAX;
    size_t packed = rd_lzf_pack(value, stream, value.length - 4);
    if (packed == 0) return NULL;
    *out++ = (char)ENCODED_LZF;
    out = put_length(out, packed);
    out = put_length(out, value.length);
    memmove(out, stream, packed);
    return out + packed;
}

static char *put_string(char *out, struct rd_slice value) {
    int64_t number;
    if (rd_parse_i64(value.bytes, value.length, &number) && number == (int32_t)number) return put_integer(out, number);
    char *end = put_packed(out, value);
    if (end) return end;
    out = put_length(out, value.length);
    memcpy(out, value.bytes, value.length);
    return out + value.length;
}

void rd_rdb_frame(struct rd_slice value, struct rd_rdb_frame *frame) {
    frame->head[0] = TYPE_STRING;
    frame->head_length = (size_t)(put_length(frame->head + 1, value.length) - frame->head);
    char *end = put_little(frame->tail, WRITE_VERSION, 2);
    uint64_t crc = crc64_on(0, frame->head, frame->head_length);
    crc = crc64_on(crc64_wide(crc, value.bytes, value.length), frame->tail, 2);
    put_little(end, crc, 8);
}

size_t rd_rdb_write(struct rd_slice value, char *out) {
    char *end = out;
    *end++ = TYPE_STRING;
    end = put_string(end, value);
    end = put_little(end, WRITE_VERSION, 2);
    end = put_little(end, crc64(out, (size_t)(end - out)), 8);
    return (size_t)(end - out);
}

static uint64_t get_little(const char *bytes, int count) {
    uint64_t value = 0;
    for (int i = count; i-- > 0;) value = value << 8 | (unsigned char)bytes[i];
    return value;
}

bool rd_rdb_is_sound(struct rd_slice payload) {
    if (payload.length < 10) return false;
    const char *footer = payload.bytes + payload.length - 10;
    return get_little(footer, 2) <= READ_VERSION_MAX && get_little(footer + 2, 8) == crc64(payload.bytes, payload.length - 8);
}

struct cursor {
    const unsigned char *at, *end;
};

static bool get_big(struct cursor *cursor, int bytes, uint64_t *value) {
    if (cursor->end - cursor->at < bytes) return false;
    *value = 0;
    for (int i = 0; i < bytes; i++) *value = *value << 8 | *cursor->at++;
    return true;
}

/* Not for the encodings, whose first byte is at least ENCODED_INT8. */
static bool get_length(struct cursor *cursor, uint64_t *length) {
    uint64_t first;
    if (!get_big(cursor, 1, &first) || first >= ENCODED_INT8) return false;
    if (first < LENGTH_14_BITS) {
        *length = first;
        return true;
    }
    if (first < LENGTH_32_BITS) {
        cursor->at--;
        if (!get_big(cursor, 2, length)) return false;
        *length &= (1 << 14) - 1;
        return true;
    }
    if (first == LENGTH_32_BITS) return get_big(cursor, 4, length);
    return first == LENGTH_64_BITS && get_big(cursor, 8, length);
}

static bool take_bytes(struct cursor *cursor, uint64_t length, struct rd_slice *bytes) {
    if ((uint64_t)(cursor->end - cursor->at) < length) return false;
    *bytes = (struct rd_slice){(const char *)cursor->at, length};
    cursor->at += length;
    return true;
}

static bool read_integer(struct cursor *cursor, int bytes, struct rd_rdb_string *string) {
    struct rd_slice raw;
    if (!take_bytes(cursor, (uint64_t)bytes, &raw)) return false;
    uint64_t value = get_little(raw.bytes, bytes);
    int64_t number = bytes == 1 ? (int8_t)value : bytes == 2 ? (int16_t)value : (int32_t)value;
    string->bytes = (struct rd_slice){string->number, (size_t)(rd_format_i64(string->number, number) - string->number)};
    return true;
}

static bool read_compressed(struct cursor *cursor, struct rd_rdb_string *string) {
    uint64_t packed;
    string->compressed = true;
    return get_length(cursor, &packed) && get_length(cursor, &string->length) &&
           take_bytes(cursor, packed, &string->bytes);
}

enum rd_status rd_rdb_read(struct rd_slice payload, struct rd_rdb_string *string) {
    struct cursor cursor = {(const unsigned char *)payload.bytes, NULL};
    cursor.end = cursor.at + payload.length - 10;
    if (cursor.end - cursor.at < 2 || *cursor.at++ != TYPE_STRING) return RD_ERR_INVALID;
    string->compressed = false;
    unsigned first = *cursor.at;
    bool sound;
    if (first < ENCODED_INT8) {
        uint64_t length;
        sound = get_length(&cursor, &length) && take_bytes(&cursor, length, &string->bytes);
    } else {
        cursor.at++;
        if (first <= ENCODED_INT32) sound = read_integer(&cursor, 1 << (first - ENCODED_INT8), string);
        else sound = first == ENCODED_LZF && read_compressed(&cursor, string);
    }
    return sound ? RD_OK : RD_ERR_INVALID;
}

enum rd_status rd_rdb_unpack(const struct rd_rdb_string *string, char *out) {
    return rd_lzf_unpack(string->bytes, out, string->length);
}
