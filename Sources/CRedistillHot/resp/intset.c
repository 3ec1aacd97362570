/* This file owns reading and writing intsets. */
#include "resp/intset.h"

static enum rd_packed_step next(struct rd_packed *packed, struct rd_element *element) {
    if (packed->at == packed->end) return rd_packed_ended(packed);
    int64_t value = rd_packed_signed(packed->at, packed->width);
    if (packed->done > 0 && value <= packed->highest) return RD_PACKED_BAD;
    packed->at += packed->width;
    packed->highest = value;
    packed->done++;
    return rd_packed_integer(element, value);
}

bool rd_intset_open(struct rd_packed *packed, struct rd_slice run) {
    const unsigned char *bytes = (const unsigned char *)run.bytes;
    if (run.length < RD_INTSET_HEAD) return false;
    uint64_t width = rd_packed_little(bytes, 4), count = rd_packed_little(bytes + 4, 4);
    if ((width != 2 && width != 4 && width != 8) || count == 0 || RD_INTSET_HEAD + width * count != run.length) return false;
    *packed = (struct rd_packed){.next = next, .start = bytes, .at = bytes + RD_INTSET_HEAD, .end = bytes + run.length,
                                 .announced = count, .width = (uint32_t)width};
    return true;
}

uint32_t rd_intset_width(int64_t lowest, int64_t highest) {
    if (lowest == (int16_t)lowest && highest == (int16_t)highest) return 2;
    return lowest == (int32_t)lowest && highest == (int32_t)highest ? 4 : 8;
}

static char *put_little(char *at, uint64_t value, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes; i++) *at++ = (char)(value >> (8 * i));
    return at;
}

char *rd_intset_put_head(char *at, uint32_t width, uint32_t count) {
    return put_little(put_little(at, width, 4), count, 4);
}

char *rd_intset_put(char *at, uint32_t width, int64_t value) {
    return put_little(at, (uint64_t)value, width);
}
