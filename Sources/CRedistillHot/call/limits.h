/* This file owns until when a value with a shape stays packed: Redis's settings, by type. */
#ifndef RD_LIMITS_H
#define RD_LIMITS_H

#include "base/settings.h"
#include "shape/shape.h"

/* As the settings are at this moment. */
struct rd_shape_limits rd_shape_limits_of(const struct rd_settings *settings, enum rd_type_of_value type);

#endif
