/* This file owns reading and writing listpacks. */
#include "resp/listpack.h"

#include <string.h>

#define LIST_END 0xffu
#define INTEGER_13 0xc0u
#define TEXT_6 0x80u
#define TEXT_12 0xe0u
#define TEXT_32 0xf0u
#define INTEGER_16 0xf1u
#define INTEGER_64 0xf4u
#define UNKNOWN_COUNT 65535u

/* Bytes of the length that stands behind an element of so many. Redis's bounds, which are not what seven bits hold. */
static uint32_t back_room(uint64_t bytes) {
    return bytes <= 127 ? 1 : bytes < 16383 ? 2 : bytes < 2097151 ? 3 : bytes < 268435455 ? 4 : 5;
}

static unsigned char *put_back(unsigned char *at, uint64_t bytes) {
    uint32_t room = back_room(bytes);
    for (uint32_t i = 0; i < room; i++) {
        uint32_t shift = 7 * (room - 1 - i);
        *at++ = (unsigned char)((bytes >> shift & 127) | (i > 0 ? 128u : 0));
    }
    return at;
}

/* Does the length that ends in front of `end` say so? */
static bool back_is(const unsigned char *end, uint32_t room, uint64_t bytes) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < room; i++) {
        unsigned char byte = end[-1 - (int)i];
        value |= (uint64_t)(byte & 127) << (7 * i);
        if ((byte & 128) != (i + 1 < room ? 128 : 0)) return false;
    }
    return value == bytes;
}

/* The element at `at`: how many bytes of it are head, and how many text. False: no such element, or it is cut. */
static bool measure(const struct rd_packed *packed, uint64_t *head, uint64_t *text) {
    unsigned first = packed->at[0];
    *text = 0;
    *head = first < TEXT_6 || (first & 0xc0) == TEXT_6 ? 1 : (first & 0xf0) <= TEXT_12 ? 2
            : first == TEXT_32 ? 5 : first <= INTEGER_64 - 1 ? first - INTEGER_16 + 3 : first == INTEGER_64 ? 9 : 0;
    if (*head == 0 || !rd_packed_has(packed, *head)) return false;
    if ((first & 0xc0) == TEXT_6) *text = first & 63;
    else if ((first & 0xf0) == TEXT_12) *text = (uint64_t)(first & 15) << 8 | packed->at[1];
    else if (first == TEXT_32) *text = rd_packed_little(packed->at + 1, 4);
    return rd_packed_has(packed, *head + *text + back_room(*head + *text));
}

static enum rd_packed_step read_integer(const unsigned char *at, struct rd_element *element) {
    unsigned first = at[0];
    if (first < TEXT_6) return rd_packed_integer(element, first);
    if (first >= INTEGER_16) {
        return rd_packed_integer(element, rd_packed_signed(at + 1, first == INTEGER_64 ? 8 : first - INTEGER_16 + 2));
    }
    int64_t value = (int64_t)(first & 31) << 8 | at[1];
    return rd_packed_integer(element, value < 1 << 12 ? value : value - (1 << 13));
}

static enum rd_packed_step next(struct rd_packed *packed, struct rd_element *element) {
    if (packed->at == packed->end) return rd_packed_ended(packed);
    uint64_t head, text;
    if (!measure(packed, &head, &text)) return RD_PACKED_BAD;
    const unsigned char *start = packed->at;
    uint32_t back = back_room(head + text);
    if (!back_is(start + head + text + back, back, head + text)) return RD_PACKED_BAD;
    packed->at += head;
    bool is_text = (*start & 0xc0) == TEXT_6 || (*start & 0xf0) == TEXT_12 || *start == TEXT_32;
    enum rd_packed_step step = is_text ? rd_packed_text(packed, element, text) : read_integer(start, element);
    packed->at += text + back;
    packed->done++;
    return step;
}

bool rd_listpack_open(struct rd_packed *packed, struct rd_slice run) {
    const unsigned char *bytes = (const unsigned char *)run.bytes;
    if (run.length < RD_LISTPACK_EMPTY || rd_packed_little(bytes, 4) != run.length) return false;
    if (bytes[run.length - 1] != LIST_END) return false;
    uint64_t count = rd_packed_little(bytes + 4, 2);
    *packed = (struct rd_packed){.next = next, .start = bytes, .at = bytes + RD_LISTPACK_HEAD,
                                 .end = bytes + run.length - 1, .announced = count == UNKNOWN_COUNT ? UINT64_MAX : count};
    return true;
}

static uint32_t integer_room(int64_t value) {
    if (value >= 0 && value <= 127) return 1;
    if (value >= -4096 && value <= 4095) return 2;
    if (value == (int16_t)value) return 3;
    if (value >= -(1 << 23) && value < 1 << 23) return 4;
    return value == (int32_t)value ? 5 : 9;
}

size_t rd_listpack_room(const struct rd_element *element) {
    uint64_t length = element->text.length;
    uint64_t bytes = element->is_integer ? integer_room(element->integer)
                                         : length + (length < 64 ? 1 : length < 4096 ? 2 : 5);
    return bytes + back_room(bytes);
}

static unsigned char *put_little(unsigned char *at, uint64_t value, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes; i++) *at++ = (unsigned char)(value >> (8 * i));
    return at;
}

static unsigned char *put_integer(unsigned char *at, int64_t value) {
    uint32_t room = integer_room(value);
    if (room == 1) {
        *at++ = (unsigned char)value;
        return at;
    }
    if (room == 2) {
        *at++ = (unsigned char)(INTEGER_13 | ((uint64_t)value >> 8 & 31));
        *at++ = (unsigned char)value;
        return at;
    }
    *at++ = (unsigned char)(room == 9 ? INTEGER_64 : INTEGER_16 + room - 3);
    return put_little(at, (uint64_t)value, room - 1);
}

static unsigned char *put_text(unsigned char *at, struct rd_slice text) {
    if (text.length < 64) {
        *at++ = (unsigned char)(TEXT_6 | text.length);
    } else if (text.length < 4096) {
        *at++ = (unsigned char)(TEXT_12 | text.length >> 8);
        *at++ = (unsigned char)text.length;
    } else {
        *at++ = TEXT_32;
        at = put_little(at, text.length, 4);
    }
    if (text.length) memcpy(at, text.bytes, text.length);
    return at + text.length;
}

char *rd_listpack_put(char *at, const struct rd_element *element) {
    unsigned char *start = (unsigned char *)at;
    unsigned char *end = element->is_integer ? put_integer(start, element->integer) : put_text(start, element->text);
    return (char *)put_back(end, (uint64_t)(end - start));
}

void rd_listpack_close(char *run, size_t bytes, uint64_t elements) {
    unsigned char *at = put_little((unsigned char *)run, bytes, 4);
    put_little(at, elements < UNKNOWN_COUNT ? elements : UNKNOWN_COUNT, 2);
    run[bytes - 1] = (char)LIST_END;
}
