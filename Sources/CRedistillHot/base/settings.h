/* This file owns the settings table: default and range of every number that may change at run time. */
#ifndef RD_SETTINGS_H
#define RD_SETTINGS_H

#include "redistill_hot.h"

int64_t rd_setting_default(enum rd_setting setting);
bool rd_setting_allows(enum rd_setting setting, int64_t value);

#endif
