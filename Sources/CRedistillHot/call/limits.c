/* This file owns how the settings become limits. */
#include "call/limits.h"

/*
 * Of all items together, whatever their number may be: each change writes a packed value anew. Redis's usual limits keep
 * most well below, and a hash of 512 fields with the longest values within.
 */
#define RUN_MOST (128u << 10)

static uint32_t get(const struct rd_settings *settings, enum rd_setting setting) {
    return (uint32_t)rd_setting(settings, setting); /* the ranges are smaller: settings.c */
}

struct rd_shape_limits rd_shape_limits_of(const struct rd_settings *settings, enum rd_type_of_value type) {
    struct rd_shape_limits limits = {.value = UINT32_MAX, .bytes = RUN_MOST};
    switch (type) {
    case RD_VALUE_HASH:
        limits.entries = get(settings, RD_SET_HASH_ENTRIES);
        limits.value = get(settings, RD_SET_HASH_VALUE);
        break;
    case RD_VALUE_SET:
        limits.entries = get(settings, RD_SET_SET_ENTRIES);
        limits.value = get(settings, RD_SET_SET_VALUE);
        limits.integers = get(settings, RD_SET_SET_INTEGERS);
        break;
    case RD_VALUE_ZSET:
        limits.entries = get(settings, RD_SET_ZSET_ENTRIES);
        limits.value = get(settings, RD_SET_ZSET_VALUE);
        break;
    case RD_VALUE_LIST:
        limits.entries = get(settings, RD_SET_LIST_ENTRIES);
        if (limits.entries == 0) limits.entries = UINT32_MAX;
        limits.bytes = get(settings, RD_SET_LIST_BYTES);
        break;
    case RD_VALUE_STRING: break;
    }
    return limits;
}
