/* This file owns reading and writing what payloads are made of. */
#include "resp/rdb_bytes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

#define ENCODED_INT8 0xc0
#define ENCODED_INT32 0xc2
#define ENCODED_LZF 0xc3
#define LENGTH_14_BITS 0x40
#define LENGTH_32_BITS 0x80
#define LENGTH_64_BITS 0x81
/* Shorter strings are not worth trying, as Redis has it. */
#define PACK_FROM 21
/* Of a double's text: more than any is written with. */
#define DOUBLE_TEXT_MOST 128
#define DOUBLE_NAN 253
#define DOUBLE_INFINITE 254
#define DOUBLE_NEGATIVE_INFINITE 255

char *rd_rdb_put_little(char *out, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) *out++ = (char)(value >> (8 * i));
    return out;
}

static char *put_big(char *out, uint64_t value, int bytes) {
    for (int i = bytes; i-- > 0;) *out++ = (char)(value >> (8 * i));
    return out;
}

char *rd_rdb_put_length(char *out, uint64_t length) {
    if (length < 1 << 6) return put_big(out, length, 1);
    if (length < 1 << 14) return put_big(out, length | LENGTH_14_BITS << 8, 2);
    if (length <= UINT32_MAX) {
        *out++ = (char)LENGTH_32_BITS;
        return put_big(out, length, 4);
    }
    *out++ = (char)LENGTH_64_BITS;
    return put_big(out, length, 8);
}

/* The string as a number, or NULL when it is none of 32 bits. */
static char *put_number(char *out, struct rd_slice value) {
    int64_t number;
    if (!rd_parse_i64(value.bytes, value.length, &number) || number != (int32_t)number) return NULL;
    int kind = number == (int8_t)number ? 0 : number == (int16_t)number ? 1 : 2;
    *out++ = (char)(ENCODED_INT8 + kind);
    return rd_rdb_put_little(out, (uint64_t)number, 1 << kind);
}

static char *put_bytes(char *out, struct rd_slice value) {
    out = rd_rdb_put_length(out, value.length);
    if (value.length) memcpy(out, value.bytes, value.length);
    return out + value.length;
}

/* The string packed, or NULL when that saves less than four bytes. */
static char *put_packed(char *out, struct rd_slice value, struct rd_lzf_places *places) {
    if (value.length < PACK_FROM || value.length >= RD_RDB_PACK_MOST) return NULL;
    /* How long the lengths are is known only afterwards. */
    char *stream = out + RD_RDB_STRING_OVERHEAD;
    size_t packed = rd_lzf_pack_on(places, value, stream, value.length - 4);
    if (packed == 0) return NULL;
    *out++ = (char)ENCODED_LZF;
    out = rd_rdb_put_length(out, packed);
    out = rd_rdb_put_length(out, value.length);
    memmove(out, stream, packed);
    return out + packed;
}

char *rd_rdb_put_plain(char *out, struct rd_slice value) {
    char *end = put_number(out, value);
    return end ? end : put_bytes(out, value);
}

char *rd_rdb_put_string(char *out, struct rd_slice value, struct rd_lzf_places *places) {
    char *end = put_number(out, value);
    if (!end) end = put_packed(out, value, places);
    return end ? end : put_bytes(out, value);
}

bool rd_rdb_get_byte(struct rd_rdb_cursor *cursor, uint8_t *byte) {
    if (cursor->at == cursor->end) return false;
    *byte = *cursor->at++;
    return true;
}

static bool get_big(struct rd_rdb_cursor *cursor, int bytes, uint64_t *value) {
    if (cursor->end - cursor->at < bytes) return false;
    *value = 0;
    for (int i = 0; i < bytes; i++) *value = *value << 8 | *cursor->at++;
    return true;
}

/* Not for the encodings, whose first byte is at least ENCODED_INT8. */
bool rd_rdb_get_length(struct rd_rdb_cursor *cursor, uint64_t *length) {
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

static bool take_bytes(struct rd_rdb_cursor *cursor, uint64_t length, struct rd_slice *bytes) {
    if ((uint64_t)(cursor->end - cursor->at) < length) return false;
    *bytes = (struct rd_slice){(const char *)cursor->at, length};
    cursor->at += length;
    return true;
}

static bool get_integer(struct rd_rdb_cursor *cursor, uint32_t bytes, struct rd_rdb_string *string) {
    struct rd_slice raw;
    if (!take_bytes(cursor, bytes, &raw)) return false;
    string->is_integer = true;
    string->integer = rd_packed_signed((const unsigned char *)raw.bytes, bytes);
    string->bytes = (struct rd_slice){
        string->number, (size_t)(rd_format_i64(string->number, string->integer) - string->number)};
    return true;
}

static bool get_compressed(struct rd_rdb_cursor *cursor, struct rd_rdb_string *string) {
    uint64_t packed;
    string->compressed = true;
    return rd_rdb_get_length(cursor, &packed) && rd_rdb_get_length(cursor, &string->length) &&
           take_bytes(cursor, packed, &string->bytes);
}

bool rd_rdb_get_string(struct rd_rdb_cursor *cursor, struct rd_rdb_string *string) {
    string->compressed = string->is_integer = false;
    if (cursor->at == cursor->end) return false;
    unsigned first = *cursor->at;
    if (first < ENCODED_INT8) {
        uint64_t length;
        return rd_rdb_get_length(cursor, &length) && take_bytes(cursor, length, &string->bytes);
    }
    cursor->at++;
    if (first <= ENCODED_INT32) return get_integer(cursor, 1u << (first - ENCODED_INT8), string);
    return first == ENCODED_LZF && get_compressed(cursor, string);
}

bool rd_rdb_get_eight(struct rd_rdb_cursor *cursor, uint64_t *value) {
    struct rd_slice raw;
    if (!take_bytes(cursor, 8, &raw)) return false;
    *value = rd_packed_little((const unsigned char *)raw.bytes, 8);
    return true;
}

bool rd_rdb_double_of(struct rd_slice text, double *value) {
    char copy[DOUBLE_TEXT_MOST + 1];
    if (text.length == 0 || text.length > DOUBLE_TEXT_MOST) return false;
    memcpy(copy, text.bytes, text.length);
    copy[text.length] = 0;
    char *end;
    *value = strtod(copy, &end);
    return end == copy + text.length && !isnan(*value);
}

bool rd_rdb_get_double_text(struct rd_rdb_cursor *cursor, double *value) {
    uint8_t length;
    struct rd_slice text;
    if (!rd_rdb_get_byte(cursor, &length) || length == DOUBLE_NAN) return false;
    if (length >= DOUBLE_INFINITE) {
        *value = length == DOUBLE_NEGATIVE_INFINITE ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    return take_bytes(cursor, length, &text) && rd_rdb_double_of(text, value);
}

enum rd_status rd_rdb_unpack(const struct rd_rdb_string *string, char *out) {
    return rd_lzf_unpack(string->bytes, out, string->length);
}
