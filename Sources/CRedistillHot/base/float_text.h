/* This file owns floating-point numbers as text: what INCRBYFLOAT and INCREX read and write. */
#ifndef RD_FLOAT_TEXT_H
#define RD_FLOAT_TEXT_H

#include "redistill_hot.h"

/* Redis's bound for the text of a long double, which without exponent can have 4,933 digits before the point. */
#define RD_FLOAT_TEXT 5120

/* The whole text, no space before it, finite or infinite, but not out of range and no NaN. */
bool rd_float_parse(struct rd_slice text, long double *value);
/* 17 digits after the point, less trailing zeroes; no exponent. Returns the length, not terminated. */
size_t rd_float_format(char text[RD_FLOAT_TEXT], long double value);

#endif
