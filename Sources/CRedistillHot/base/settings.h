/* This file owns the settings: every number that may change at run time, its default and its range. */
#ifndef RD_SETTINGS_H
#define RD_SETTINGS_H

#include <stdatomic.h>

#include "redistill_hot.h"

/* Any thread reads and writes. */
struct rd_settings {
    _Atomic int64_t values[RD_SETTING_COUNT];
};

static inline int64_t rd_setting(const struct rd_settings *settings, enum rd_setting setting) {
    return atomic_load_explicit(&settings->values[setting], memory_order_relaxed);
}

void rd_settings_init(struct rd_settings *settings);
int64_t rd_setting_default(enum rd_setting setting);
bool rd_setting_allows(enum rd_setting setting, int64_t value);

#endif
