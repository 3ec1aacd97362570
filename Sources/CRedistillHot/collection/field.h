/*
 * This file owns a hash's fields as commands see them: a name, a value, perhaps a time to live. A field whose time is over
 * is not there, though it may still lie in a large hash.
 */
#ifndef RD_FIELD_H
#define RD_FIELD_H

#include "call/shaped.h"

/* The last time that a field may have, Unix time in ms: Redis's. */
#define RD_FIELD_LAST_TIME ((INT64_C(1) << 46) - 1)
/* For rd_field_set: as it was, none for a new one. */
#define RD_FIELD_KEEPS_TIME (-1)

/* Unix time in ms; 0: none. */
static inline int64_t rd_field_time(const struct rd_shape *shape, const char *item) {
    return __builtin_expect(shape->kind & RD_SHAPE_TIMED, 0) ? rd_field_expiry(shape, item) : 0;
}

static inline bool rd_field_is_over(const struct rd_call *call, const struct rd_shape *shape, const char *item) {
    int64_t time = rd_field_time(shape, item);
    return time && time <= call->now;
}

/* May there be fields that are over? Those of a large hash go a stretch at a time. */
static inline bool rd_fields_may_be_over(const struct rd_call *call, const struct rd_shape *shape) {
    return shape->next_expiry <= call->now;
}

/* To the field of that name; false: it is not there. */
static inline bool rd_field_find(const struct rd_call *call, struct rd_shape *shape, const struct rd_word *name,
                                 struct rd_place_in *at) {
    return rd_shape_find(shape, name, at) && !rd_field_is_over(call, shape, at->item);
}

/*
 * Gives a field its value, and its time: Unix time in ms, 0 for none, RD_FIELD_KEEPS_TIME. *created: it was not there.
 * False: no memory, which closing the shape says too.
 */
bool rd_field_set(struct rd_call *call, struct rd_shape *shape, struct rd_slice name, const struct rd_word *value,
                  int64_t expiry, bool *created);

/* Gives a field that is there another time, 0 for none. False: as above. The place is not valid after it. */
bool rd_field_set_expiry(struct rd_shape *shape, const struct rd_word *name, struct rd_place_in *at, int64_t expiry);

/* Removes a field that is given a time that is past: to Redis it has expired. The place is as after rd_shape_erase. */
void rd_field_expire(struct rd_shape *shape, struct rd_place_in *at);

#define RD_NOT_A_NUMBER_OF_FIELDS "Number of fields must be a positive integer"

/* Reads an argument as the time of a field, with Redis's errors. */
bool rd_call_field_time(struct rd_call *call, struct rd_slice argument, enum rd_time_unit unit, bool absolute, int64_t *expiry);

/* Fields that are named at the end of a call: FIELDS numfields field ... */
struct rd_fields {
    uint32_t first, count;
};
/* Reads them from FIELDS on, which stands there; replies what is wrong, `complaint` of a number that is none. */
bool rd_call_fields(struct rd_call *call, uint32_t at, const char *complaint, struct rd_fields *fields);

#endif
