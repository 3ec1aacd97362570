/* This file owns the ends of a payload of DUMP, its checksum, and that of a string. */
#include "resp/rdb.h"

#include <endian.h>
#include <string.h>

/* Versions of servers that exist or may soon; a larger number is not a payload. Redis 8.4 writes 13, Valkey 9 80. */
#define READ_VERSION_MAX 99

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

uint64_t rd_rdb_checksum(uint64_t checksum, const char *bytes, size_t length) {
    return length < WIDE_CRC_FROM ? crc64_on(checksum, bytes, length) : crc64_wide(checksum, bytes, length);
}

void rd_rdb_frame(struct rd_slice value, struct rd_rdb_frame *frame) {
    frame->head[0] = RD_RDB_STRING;
    frame->head_length = (size_t)(rd_rdb_put_length(frame->head + 1, value.length) - frame->head);
    char *end = rd_rdb_put_little(frame->tail, RD_RDB_VERSION, 2);
    uint64_t crc = crc64_on(0, frame->head, frame->head_length);
    crc = crc64_on(crc64_wide(crc, value.bytes, value.length), frame->tail, 2);
    rd_rdb_put_little(end, crc, 8);
}

size_t rd_rdb_write(struct rd_slice value, char *out) {
    struct rd_lzf_places places = {0};
    *out = RD_RDB_STRING;
    char *end = rd_rdb_put_string(out + 1, value, &places);
    rd_lzf_forget(&places);
    return rd_rdb_seal(out, (size_t)(end - out), RD_RDB_VERSION);
}

unsigned rd_rdb_version(struct rd_slice payload) {
    return (unsigned)rd_packed_little((const unsigned char *)payload.bytes + payload.length - RD_RDB_TAIL, 2);
}

bool rd_rdb_is_sound(struct rd_slice payload) {
    if (payload.length < RD_RDB_TAIL) return false;
    if (rd_rdb_version(payload) > READ_VERSION_MAX) return false;
    const unsigned char *checksum = (const unsigned char *)payload.bytes + payload.length - 8;
    return rd_packed_little(checksum, 8) == rd_rdb_checksum(0, payload.bytes, payload.length - 8);
}

size_t rd_rdb_seal(char *payload, size_t length, unsigned version) {
    char *end = rd_rdb_put_little(payload + length, version, 2);
    end = rd_rdb_put_little(end, rd_rdb_checksum(0, payload, length + 2), 8);
    return (size_t)(end - payload);
}

struct rd_rdb_cursor rd_rdb_open(struct rd_slice payload) {
    const unsigned char *at = (const unsigned char *)payload.bytes;
    return (struct rd_rdb_cursor){at, at + payload.length - RD_RDB_TAIL};
}

enum rd_status rd_rdb_read(struct rd_slice payload, struct rd_rdb_string *string) {
    struct rd_rdb_cursor cursor = rd_rdb_open(payload);
    uint8_t form;
    bool sound = rd_rdb_get_byte(&cursor, &form) && form == RD_RDB_STRING && rd_rdb_get_string(&cursor, string);
    return sound ? RD_OK : RD_ERR_INVALID;
}
