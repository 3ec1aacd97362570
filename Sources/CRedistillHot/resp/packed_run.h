/*
 * This file owns what Redis's packed forms (listpack, ziplist, intset, zipmap) have in common for who reads them: elements
 * one after the other, each a text or an integer. Nothing that a run says of itself is believed before the bytes are
 * there; what an open has accepted may still turn out bad at a later element.
 */
#ifndef RD_PACKED_RUN_H
#define RD_PACKED_RUN_H

#include "redistill_hot.h"

struct rd_element {
    struct rd_slice text; /* borrowed from the run; of an integer not set */
    bool is_integer;
    int64_t integer;
};

enum rd_packed_step {
    RD_PACKED_ELEMENT,
    RD_PACKED_END,
    RD_PACKED_BAD,
};

/* A run on its way through; its bytes are borrowed. */
struct rd_packed {
    enum rd_packed_step (*next)(struct rd_packed *packed, struct rd_element *element);
    const unsigned char *start, *at, *end; /* the end is the byte that ends a run, or where an intset's integers end */
    uint64_t done;      /* elements that were read */
    uint64_t announced; /* elements that there are; UINT64_MAX: the run does not say */
    uint64_t before;    /* of a ziplist: bytes of the element before */
    int64_t highest;    /* of an intset: the last integer */
    uint32_t width;     /* of an intset: bytes of an integer */
};

static inline enum rd_packed_step rd_packed_next(struct rd_packed *packed, struct rd_element *element) {
    return packed->next(packed, element);
}

/* So many bytes in front of the run's end? */
static inline bool rd_packed_has(const struct rd_packed *packed, uint64_t bytes) {
    return (uint64_t)(packed->end - packed->at) >= bytes;
}

/* Bytes of little-endian order, as a number without a sign. */
static inline uint64_t rd_packed_little(const unsigned char *bytes, uint32_t count) {
    uint64_t value = 0;
    for (uint32_t i = count; i-- > 0;) value = value << 8 | bytes[i];
    return value;
}

/* The same with a sign. */
static inline int64_t rd_packed_signed(const unsigned char *bytes, uint32_t count) {
    uint32_t above = 64 - 8 * count;
    return (int64_t)(rd_packed_little(bytes, count) << above) >> above;
}

static inline enum rd_packed_step rd_packed_text(struct rd_packed *packed, struct rd_element *element, uint64_t length) {
    *element = (struct rd_element){.text = {(const char *)packed->at, (size_t)length}};
    return RD_PACKED_ELEMENT;
}

static inline enum rd_packed_step rd_packed_integer(struct rd_element *element, int64_t integer) {
    *element = (struct rd_element){.is_integer = true, .integer = integer};
    return RD_PACKED_ELEMENT;
}

/* At the end: is that what was announced? */
static inline enum rd_packed_step rd_packed_ended(const struct rd_packed *packed) {
    bool fits = packed->announced == UINT64_MAX || packed->announced == packed->done;
    return fits ? RD_PACKED_END : RD_PACKED_BAD;
}

#endif
