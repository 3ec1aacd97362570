/* This file owns reading ziplists and zipmaps. */
#include "resp/ziplist.h"

#define HEAD 10u
#define LIST_END 0xffu
#define LONG_LENGTH 0xfeu
#define UNKNOWN_COUNT 65535u
#define UNKNOWN_FIELDS 254u

static uint64_t big(const unsigned char *bytes, uint32_t count) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < count; i++) value = value << 8 | bytes[i];
    return value;
}

/* A length of one byte or five, and over it. */
static bool take_length(struct rd_packed *packed, uint64_t *length) {
    if (!rd_packed_has(packed, 1) || *packed->at == LIST_END) return false;
    *length = *packed->at++;
    if (*length < LONG_LENGTH) return true;
    if (!rd_packed_has(packed, 4)) return false;
    *length = rd_packed_little(packed->at, 4);
    packed->at += 4;
    return true;
}

static enum rd_packed_step take_text(struct rd_packed *packed, struct rd_element *element, uint32_t head, uint64_t length) {
    if (!rd_packed_has(packed, head + length)) return RD_PACKED_BAD;
    packed->at += head;
    enum rd_packed_step step = rd_packed_text(packed, element, length);
    packed->at += length;
    return step;
}

static enum rd_packed_step take_integer(struct rd_packed *packed, struct rd_element *element, uint32_t bytes) {
    if (!rd_packed_has(packed, 1 + bytes)) return RD_PACKED_BAD;
    int64_t value = rd_packed_signed(packed->at + 1, bytes);
    packed->at += 1 + bytes;
    return rd_packed_integer(element, value);
}

static enum rd_packed_step take_element(struct rd_packed *packed, struct rd_element *element) {
    if (!rd_packed_has(packed, 1)) return RD_PACKED_BAD;
    unsigned first = *packed->at;
    if (first < 0x40) return take_text(packed, element, 1, first);
    if (first < 0x80) {
        return rd_packed_has(packed, 2) ? take_text(packed, element, 2, big(packed->at, 2) & 0x3fff) : RD_PACKED_BAD;
    }
    if (first < 0xc0) {
        return rd_packed_has(packed, 5) ? take_text(packed, element, 5, big(packed->at + 1, 4)) : RD_PACKED_BAD;
    }
    switch (first) {
    case 0xc0: return take_integer(packed, element, 2);
    case 0xd0: return take_integer(packed, element, 4);
    case 0xe0: return take_integer(packed, element, 8);
    case 0xf0: return take_integer(packed, element, 3);
    case 0xfe: return take_integer(packed, element, 1);
    default: break;
    }
    if (first < 0xf1 || first > 0xfd) return RD_PACKED_BAD;
    packed->at++;
    return rd_packed_integer(element, (int64_t)(first - 0xf1));
}

static enum rd_packed_step next_of_list(struct rd_packed *packed, struct rd_element *element) {
    if (packed->at == packed->end) {
        /* Where the last element is said to begin. */
        bool fits = packed->done == 0 || rd_packed_little(packed->start + 4, 4) + packed->before == (uint64_t)(packed->end - packed->start);
        return fits ? rd_packed_ended(packed) : RD_PACKED_BAD;
    }
    const unsigned char *start = packed->at;
    uint64_t before;
    if (!take_length(packed, &before) || before != packed->before) return RD_PACKED_BAD;
    enum rd_packed_step step = take_element(packed, element);
    packed->before = (uint64_t)(packed->at - start);
    packed->done++;
    return step;
}

bool rd_ziplist_open(struct rd_packed *packed, struct rd_slice run) {
    const unsigned char *bytes = (const unsigned char *)run.bytes;
    if (run.length < HEAD + 1 || rd_packed_little(bytes, 4) != run.length) return false;
    if (bytes[run.length - 1] != LIST_END || rd_packed_little(bytes + 4, 4) > run.length - 1) return false;
    uint64_t count = rd_packed_little(bytes + 8, 2);
    *packed = (struct rd_packed){.next = next_of_list, .start = bytes, .at = bytes + HEAD, .end = bytes + run.length - 1,
                                 .announced = count == UNKNOWN_COUNT ? UINT64_MAX : count};
    return true;
}

static enum rd_packed_step next_of_map(struct rd_packed *packed, struct rd_element *element) {
    bool is_value = packed->done % 2;
    if (packed->at == packed->end) return is_value ? RD_PACKED_BAD : rd_packed_ended(packed);
    uint64_t length, spare = 0;
    if (!take_length(packed, &length)) return RD_PACKED_BAD;
    if (is_value) {
        if (!rd_packed_has(packed, 1)) return RD_PACKED_BAD;
        spare = *packed->at++;
    }
    if (!rd_packed_has(packed, length + spare)) return RD_PACKED_BAD;
    enum rd_packed_step step = take_text(packed, element, 0, length);
    packed->at += spare;
    packed->done++;
    return step;
}

bool rd_zipmap_open(struct rd_packed *packed, struct rd_slice run) {
    const unsigned char *bytes = (const unsigned char *)run.bytes;
    if (run.length < 2 || bytes[run.length - 1] != LIST_END) return false;
    *packed = (struct rd_packed){.next = next_of_map, .start = bytes, .at = bytes + 1, .end = bytes + run.length - 1,
                                 .announced = bytes[0] < UNKNOWN_FIELDS ? 2u * bytes[0] : UINT64_MAX};
    return true;
}
