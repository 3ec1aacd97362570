/* This file owns floating-point numbers as text. */
#include "base/float_text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As Redis's string2ld. */
bool rd_float_parse(struct rd_slice text, long double *value) {
    char copy[RD_FLOAT_TEXT];
    if (text.length == 0 || text.length >= sizeof copy) return false;
    memcpy(copy, text.bytes, text.length);
    copy[text.length] = 0;
    if (copy[0] == ' ' || (copy[0] >= '\t' && copy[0] <= '\r')) return false;
    char *end;
    errno = 0;
    *value = strtold(copy, &end);
    bool out_of_range = errno == ERANGE && (isinf(*value) || *value == 0);
    return end == copy + text.length && !out_of_range && !isnan(*value);
}

size_t rd_float_format(char text[RD_FLOAT_TEXT], long double value) {
    int length = snprintf(text, RD_FLOAT_TEXT, "%.17Lf", value);
    while (text[length - 1] == '0') length--;
    if (text[length - 1] == '.') length--;
    if (length == 2 && text[0] == '-' && text[1] == '0') {
        text[0] = '0';
        length = 1;
    }
    return (size_t)length;
}
